"""The kill matrix: a daemon that dies at every write and at every request of a story, and is started again."""
