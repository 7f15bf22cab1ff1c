/** What test runners load of their language: a file of the project by such a name is found first where the runner looks into its folders. */

const PYTHON = `
abc aifc argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii bisect builtins bz2 cProfile calendar cgi
cgitb chunk cmath cmd code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy
copyreg csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings enum errno faulthandler
fcntl filecmp fileinput fnmatch fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip hashlib
heapq hmac html http imaplib imghdr imp importlib inspect io ipaddress itertools json keyword linecache locale logging lzma
mailbox mailcap marshal math mimetypes mmap modulefinder multiprocessing netrc nntplib nt ntpath nturl2path numbers opcode
operator optparse os pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats
pty pwd py_compile pyclbr pydoc pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select
selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver sqlite3 sre_compile sre_constants sre_parse ssl
stat statistics string stringprep struct subprocess sunau symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile
termios textwrap threading time timeit token tokenize tomllib trace traceback tracemalloc tty types typing unicodedata unittest
urllib uu uuid warnings wave weakref webbrowser wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo`;

const RUBY = `
minitest test/unit rspec rake bundler simplecov mocha webmock optparse stringio set shellwords etc delegate time erb pathname
ripper monitor timeout benchmark English pp prettyprint tempfile tmpdir fileutils json yaml psych date socket open3 digest
securerandom logger cgi uri forwardable singleton ostruct tsort weakref coverage io/console did_you_mean error_highlight diff/lcs
mutex_m`;

const anyOf = (names: string) => names.trim().split(/\s+/).join('|');

/** From a folder where modules are looked for. */
export const PYTHON_MODULES = new RegExp(`^(${anyOf(PYTHON)})(\\.py|\\.\\w*so|/__init__\\.py)$`);

/** Folders that are searched before the installed gems; minitest loads every plugin in them. */
export const RUBY_MODULES = new RegExp(`(^|/)(lib|test|spec)/((${anyOf(RUBY)})(\\.rb|/.*)|minitest/[^/]+_plugin\\.rb)$`);
