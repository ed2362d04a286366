"""Which programs run what they are given, or write any file: shells, interpreters, starters, editors, copiers. Pure.

A standing rule approves a file for every user, as often as they like. For these families that would be approving
anything (threat T22), so a person decides each time. A program that cannot be classed is treated like one of them.
Names are never a full list, so the administrator who confirms a rule is told what they answer for.
"""

from __future__ import annotations

import re
import unicodedata

_EXTENSIONS = ("exe", "com", "bat", "cmd", "scr", "cpl", "appimage")
_END_OF_VERSION = re.compile(r"[\w.+-]*")
_DIGIT = re.compile(r"\d")
_FIRST_WORD = re.compile(r"[a-z]+")
# Eight-dot-three names, alternate streams and wild cards hide which program it is.
_HIDES = set('~:*?"<>|')


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHELLS = _words(
    "sh bash rbash dash ash zsh ksh mksh csh tcsh fish busybox toybox cmd command powershell "
    "powershell_ise pwsh wsl"
)
INTERPRETERS = _words(
    "python pythonw pypy py pyw perl ruby irb node nodejs deno bun php lua luajit tclsh wish expect r "
    "rscript julia groovy scala java javaw javaws jshell dotnet kotlin erl escript iex elixir guile "
    "racket sbcl clisp ghci runghc awk gawk mawk nawk sed ed ex vi vim nvim emacs gdb lldb windbg cdb "
    "ntsd kd autoit autohotkey"
)
HOSTS_AND_LOADERS = _words(
    "wscript cscript mshta hh msiexec rundll rundll32 regsvr regsvr32 regasm regsvcs installutil msbuild "
    "csc vbc jsc cmstp odbcconf control forfiles pcalua conhost explorer mmc wmic winrs schtasks sc reg "
    "regedit certutil bitsadmin presentationhost msdt mavinject scriptrunner bash wslhost msxsl xwizard "
    "ftp tttracer"
)
STARTERS = _words(
    "env sudo su doas pkexec gksudo kdesu runuser runas psexec paexec nice ionice nohup setsid timeout "
    "xargs find parallel time watch stdbuf strace ltrace chroot unshare nsenter systemd-run systemctl "
    "script screen tmux at batch crontab ssh scp rsync tar git make docker podman kubectl lxc snap "
    "flatpak less more man start taskset flock run-parts cpulimit unbuffer rlwrap socat nc ncat"
)
PACKAGE_MANAGERS = _words(
    "apt apt-get aptitude dpkg rpm yum dnf zypper pacman apk pip pipx uv npm npx pnpm yarn gem cargo go "
    "choco winget scoop brew conda"
)
TERMINALS_AND_EDITORS = _words(
    "xterm uxterm urxvt rxvt st gnome-terminal gnome-terminal-server konsole xfce4-terminal mate-terminal lxterminal "
    "terminator tilix alacritty kitty foot wezterm wt windowsterminal mintty putty notepad notepad++ wordpad nano pico "
    "micro joe jed mcedit mc gedit kate kwrite xed pluma mousepad code codium gvim view ranger nautilus dolphin thunar"
)
WRITERS = _words(
    "dd tee cp mv install ln truncate shred sponge patch cpio ar unzip zip 7z 7za 7zr unrar bsdtar curl wget aria2c "
    "sftp rclone chmod chown chgrp chattr setfacl setcap mount umount losetup mkfs fdisk parted passwd chpasswd "
    "usermod useradd adduser gpasswd visudo sudoedit vipw vigr update-alternatives psql mysql mariadb sqlite "
    "sqlite3 mongosh redis-cli busctl dbus-send gdbus nft iptables ip tcpdump robocopy xcopy takeown icacls cacls "
    "diskpart diskshadow bcdedit dism makecab expand extrac32 esentutl net net1 netsh wevtutil sethc utilman eventvwr"
)
FAMILIES = (
    SHELLS | INTERPRETERS | HOSTS_AND_LOADERS | STARTERS | PACKAGE_MANAGERS | TERMINALS_AND_EDITORS | WRITERS
)
# The dynamic linker starts the program that it is given.
_LINKERS = ("ld-linux", "ld-musl", "ld.so")
# Of these also what is called after them with a version or an edition, such as python3.11-dbg or pwsh-preview.
_LONG_NAMES = frozenset(word for word in SHELLS | INTERPRETERS if len(word) >= 4)


def is_interpreter(*names_or_paths: str) -> bool:
    """Whether any of these names a program that runs what it is given, writes any file, or hides what it is."""
    return any(_hides(text) or runs_others(text) for text in names_or_paths)


def runs_others(name_or_path: str) -> bool:
    """Whether this is the name of a program that is known to run what it is given."""
    name = _name(name_or_path)
    stem = _without_extension(name)
    first = _FIRST_WORD.match(stem)
    candidates = {name, stem, _without_version(stem)}
    is_edition = first is not None and first[0] in _LONG_NAMES
    return bool(candidates & FAMILIES) or is_edition or stem.startswith(_LINKERS)


def _hides(name_or_path: str) -> bool:
    name, text = _name(name_or_path), unicodedata.normalize("NFKC", name_or_path)
    return not name or not text.isprintable() or bool(_HIDES & set(name))


def _name(name_or_path: str) -> str:
    text = unicodedata.normalize("NFKC", name_or_path)
    return re.split(r"[\\/]", text)[-1].casefold().strip(". ")


def _without_extension(name: str) -> str:
    """The name without what only says that it is a program; twice, because `cmd.exe.exe` is one too."""
    for _ in range(2):
        stem, dot, extension = name.rpartition(".")
        if dot and extension in _EXTENSIONS:
            name = stem.strip(". ")
    return name


def _without_version(stem: str) -> str:
    """The name before what looks like a version at its end: `python` of `python-v3.11`.

    By hand: a pattern that may begin anywhere looks from each beginning to the end, so a long name costs its square.
    """
    tail = _END_OF_VERSION.match(stem[::-1])
    digit = _DIGIT.search(stem, len(stem) - (tail.end() if tail else 0))
    return stem[: digit.start()].removesuffix("v").rstrip("-_. ") if digit else stem
