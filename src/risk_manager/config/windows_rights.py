"""Who may use a file on Windows, given and read back by the numbers of accounts: their names differ by language.

The system's own functions are called, no program is started. A folder's rights hold for what is made in it later.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass

SYSTEM = "S-1-5-18"
"""The system itself, as which a service runs."""
ADMINISTRATORS = "S-1-5-32-544"
EVERYTHING = 0x1F01FF  # FILE_ALL_ACCESS
ALLOWED = 0  # ACCESS_ALLOWED_ACE_TYPE
DENIED = 1  # ACCESS_DENIED_ACE_TYPE


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an access list: whom it concerns, None where it has a form that files do not have."""

    holder: str | None
    kind: int
    mask: int


@dataclass(frozen=True, slots=True)
class Rights:
    """An access list as the system tells it; `entries` None where there is no list, which lets everybody in."""

    entries: tuple[Entry, ...] | None
    is_inherited: bool
    """Whether the folder above has its say too."""

    def others_than(self, holders: Iterable[str]) -> list[str]:
        """Name who else is let in."""
        if self.entries is None:
            return ["everybody"]
        known = set(holders)
        return [str(one.holder) for one in self.entries if one.kind != DENIED and one.holder not in known]


def descriptor(holders: Iterable[str], *, inherits_to: str) -> str:
    """Word an access list that gives these holders everything and takes nothing from the folder above."""
    return "D:P" + "".join(f"(A;{inherits_to};FA;;;{holder})" for holder in holders)


if sys.platform == "win32":
    import ctypes
    from collections.abc import Iterator
    from contextlib import contextmanager
    from ctypes import wintypes
    from pathlib import Path

    _FILE = 1  # SE_FILE_OBJECT
    _ACCESS_LIST = 0x4  # DACL_SECURITY_INFORMATION
    _WITHOUT_INHERITANCE = 0x80000000  # PROTECTED_DACL_SECURITY_INFORMATION
    _IS_PROTECTED = 0x1000  # SE_DACL_PROTECTED
    _REVISION = 1  # SDDL_REVISION_1
    _QUERY = 0x8  # TOKEN_QUERY
    _USER = 1  # TokenUser
    _SID_AT = 8  # bytes into an entry of the two common kinds

    class _Acl(ctypes.Structure):
        _fields_ = (
            ("revision", wintypes.BYTE),
            ("padding", wintypes.BYTE),
            ("size", wintypes.WORD),
            ("count", wintypes.WORD),
            ("more_padding", wintypes.WORD),
        )

    class _Ace(ctypes.Structure):
        _fields_ = (
            ("kind", wintypes.BYTE),
            ("flags", wintypes.BYTE),
            ("size", wintypes.WORD),
            ("mask", wintypes.DWORD),
        )

    _advapi = ctypes.WinDLL("advapi32", use_last_error=True)
    _kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    _kernel.GetCurrentProcess.restype = wintypes.HANDLE
    _kernel.CloseHandle.argtypes = (wintypes.HANDLE,)
    _kernel.LocalFree.argtypes = (ctypes.c_void_p,)
    _kernel.LocalFree.restype = ctypes.c_void_p

    def restrict(path: Path) -> None:
        """Give a file or folder to the system, administrators and this user, and to nobody else.

        Raises `OSError` when the system refuses, or lets others in nevertheless (as on a memory stick).
        """
        holders = list(dict.fromkeys([SYSTEM, ADMINISTRATORS, this_user()]))
        give(path, descriptor(holders, inherits_to="OICI" if path.is_dir() else ""))
        found = rights_of(path)
        others = found.others_than(holders)
        if others or found.is_inherited:
            raise PermissionError(
                f"{path} cannot be closed to others: {', '.join(others or ['whoever has its folder'])}"
            )

    def give(path: Path, wording: str) -> None:
        """Put an access list in the place of the one that is there; raise `OSError`."""
        with made_of(wording) as made:
            what = wintypes.DWORD(_ACCESS_LIST | _WITHOUT_INHERITANCE)
            _ask("SetNamedSecurityInfoW", path, _FILE, what, None, None, _access_list(made), None)

    def rights_of(path: Path) -> Rights:
        """Read an access list; raise `OSError`."""
        made = ctypes.c_void_p()
        what = wintypes.DWORD(_ACCESS_LIST)
        _ask("GetNamedSecurityInfoW", path, _FILE, what, None, None, None, None, ctypes.byref(made))
        try:
            return rights_in(made)
        finally:
            _kernel.LocalFree(made)

    @contextmanager
    def made_of(wording: str) -> Iterator[ctypes.c_void_p]:
        """Have the system make a security descriptor; raise `OSError` for words that it does not know."""
        made = ctypes.c_void_p()
        words, revision = ctypes.c_wchar_p(wording), wintypes.DWORD(_REVISION)
        _call("ConvertStringSecurityDescriptorToSecurityDescriptorW", words, revision, ctypes.byref(made), None)
        try:
            yield made
        finally:
            _kernel.LocalFree(made)

    def rights_in(made: ctypes.c_void_p) -> Rights:
        """Read the access list of a security descriptor."""
        access = _access_list(made)
        control, revision = wintypes.WORD(), wintypes.DWORD()
        _call("GetSecurityDescriptorControl", made, ctypes.byref(control), ctypes.byref(revision))
        entries = _entries(access) if access.value else None
        return Rights(entries, is_inherited=not control.value & _IS_PROTECTED)

    def this_user() -> str:
        """Tell the number of the account that this process runs as."""
        token = wintypes.HANDLE()
        process = wintypes.HANDLE(_kernel.GetCurrentProcess())
        _call("OpenProcessToken", process, wintypes.DWORD(_QUERY), ctypes.byref(token))
        try:
            needed = wintypes.DWORD()
            _advapi.GetTokenInformation(token, _USER, None, 0, ctypes.byref(needed))
            room = ctypes.create_string_buffer(needed.value)
            _call("GetTokenInformation", token, _USER, room, needed, ctypes.byref(needed))
            return _number(ctypes.c_void_p.from_buffer(room))
        finally:
            _kernel.CloseHandle(token)

    def _access_list(made: ctypes.c_void_p) -> ctypes.c_void_p:
        """Find the access list of a security descriptor; null where there is none."""
        is_there, is_default, access = wintypes.BOOL(), wintypes.BOOL(), ctypes.c_void_p()
        found = ctypes.byref(is_there), ctypes.byref(access), ctypes.byref(is_default)
        _call("GetSecurityDescriptorDacl", made, *found)
        return access

    def _entries(access: ctypes.c_void_p) -> tuple[Entry, ...]:
        found = []
        for index in range(ctypes.cast(access, ctypes.POINTER(_Acl)).contents.count):
            at = ctypes.c_void_p()
            _call("GetAce", access, wintypes.DWORD(index), ctypes.byref(at))
            ace = ctypes.cast(at, ctypes.POINTER(_Ace)).contents
            is_common = ace.kind in (ALLOWED, DENIED)
            holder = _number(ctypes.c_void_p((at.value or 0) + _SID_AT)) if is_common else None
            found.append(Entry(holder, kind=ace.kind, mask=ace.mask))
        return tuple(found)

    def _number(sid: ctypes.c_void_p) -> str:
        text = ctypes.c_wchar_p()
        _call("ConvertSidToStringSidW", sid, ctypes.byref(text))
        try:
            return text.value or ""
        finally:
            _kernel.LocalFree(ctypes.cast(text, ctypes.c_void_p))

    def _call(function: str, *arguments: object) -> None:
        """Call what answers with a success, and keeps the error for who asks."""
        if not getattr(_advapi, function)(*arguments):
            raise ctypes.WinError(ctypes.get_last_error())

    def _ask(function: str, path: Path, *arguments: object) -> None:
        """Call what answers with an error."""
        error = getattr(_advapi, function)(ctypes.c_wchar_p(str(path)), *arguments)
        if error:
            raise OSError(None, ctypes.FormatError(error), str(path), error)
