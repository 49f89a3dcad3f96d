"""YAML in, validated objects out, every problem at once."""
