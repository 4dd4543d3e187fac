"""The servers of others: found if they are installed, configured here, or named with --peer."""

import os
import re
import shlex
import shutil

from bench_servers import MANY, Contender, program_of

ROOT_FOLDERS = "/usr/sbin:/usr/local/sbin"
MOST_CONNECTIONS = 20000
TAKEN_NAMES = ("floor", "floor per-read", "stage 4", "nginx", "lighttpd", "haproxy", "libevent")

# nginx answers /hello from its configuration. One process, nothing logged.
NGINX = """\
daemon off;
master_process off;
worker_processes 1;
pid {folder}/nginx-{port}.pid;
error_log stderr error;
events {{
    worker_connections {connections};
}}
http {{
    access_log off;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 600s;
    keepalive_requests {many};
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {root};
        location = /hello {{
            default_type text/plain;
            return 200 "Hello, world!\\n";
        }}
    }}
}}
"""

# lighttpd has no answers in its configuration: /hello is a file of 14 bytes.
LIGHTTPD = """\
server.document-root = "{root}"
server.bind = "127.0.0.1"
server.port = {port}
server.listen-backlog = 4096
server.network-backend = "sendfile"
server.max-connections = {connections}
server.max-fds = {descriptors}
server.max-keep-alive-requests = 65535  # the most it takes
server.max-keep-alive-idle = 600
server.max-read-idle = 600
mimetype.assign = ("" => "text/plain")
"""

# HAProxy answers by itself, with no server behind it.
HAPROXY = """\
global
    nbthread 1
    maxconn {connections}
    no strict-limits
defaults
    mode http
    timeout client 600s
    timeout http-request 600s
    timeout http-keep-alive 600s
frontend hello
    bind 127.0.0.1:{port} backlog 4096
    http-request return status 200 content-type text/plain string "Hello, world!\\n"
"""


def find_program(name):
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:{ROOT_FOLDERS}")


def write_configuration(name, template, port, bench, **further):
    file = bench.folder / f"{name}-{port}.conf"
    values = {"port": port, "folder": bench.folder, "root": bench.root, "many": MANY}
    # Some descriptors are for listeners and files.
    connections = min(MOST_CONNECTIONS, bench.descriptors - 100)
    file.write_text(template.format(**{**values, "connections": connections, **further}))
    return file


def nginx(port, bench):
    file = write_configuration("nginx", NGINX, port, bench)
    return [find_program("nginx"), "-e", "stderr", "-p", bench.folder, "-c", file]


def lighttpd(port, bench):
    file = write_configuration("lighttpd", LIGHTTPD, port, bench, descriptors=bench.descriptors)
    return [find_program("lighttpd"), "-D", "-f", file]


def haproxy(port, bench):
    file = write_configuration("haproxy", HAPROXY, port, bench)
    return [find_program("haproxy"), "-db", "-q", "-f", file]


def libevent(port, bench):
    return [program_of(bench, "libevent_server"), port]


def installed_peers(programs):
    """The peers that this machine has, in the order in which tables show them."""
    peers = []
    for name, command in (("nginx", nginx), ("lighttpd", lighttpd), ("haproxy", haproxy)):
        if find_program(name):
            peers.append(Contender(name, command, serves_files=name != "haproxy"))
    if "libevent_server" in programs:
        peers.append(Contender("libevent", libevent))
    return peers


def parse_peer(text):
    """Reads NAME=CMD@PORT; raises ValueError, with a text that says what is wrong."""
    name, is_there, rest = text.partition("=")
    command, is_port, port = rest.rpartition("@")
    if not (name and is_there and is_port):
        raise ValueError(f"--peer wants NAME=CMD@PORT, not {text}")
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise ValueError(f"--peer {name}: {port or 'nothing'} is no port")
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"--peer {name}: {error} in {command}") from None
    if not words:
        raise ValueError(f"--peer {name}: there is no command before @{port}")
    return Contender(name, lambda port, bench: words, port=int(port))
