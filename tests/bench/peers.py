"""Configuration of the packaged servers: on the loopback alone, with logging,
limits and flood control off, so that each shows the best it can do.
"""

NATS = """\
host: 127.0.0.1
port: -1
max_connections: 100000
max_pending: 1GB
write_deadline: "60s"
websocket {{
  host: 127.0.0.1
  port: {port}
  no_tls: true
}}
"""

INSPIRCD = """\
<server name="irc.localhost" description="bench" network="bench" id="1AA">
<admin name="bench" nick="bench" email="bench@localhost">
<path moduledir="{modules}" configdir="{folder}" datadir="{folder}"
      logdir="{folder}" runtimedir="{folder}">
<pid file="{folder}/inspircd.pid">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect allow="*" timeout="60" pingfreq="10m" hardsendq="1G" softsendq="1G"
         recvq="1M" localmax="100000" globalmax="100000" maxconnwarn="no"
         threshold="1000000" commandrate="1000000000" fakelag="no"
         resolvehostnames="no" useident="no" useconnectban="no"
         useconnflood="no" maxchans="10000">
<performance netbuffersize="65534" somaxconn="4096" softlimit="100000"
             clonesonconnect="no" timeskipwarn="0" quietbursts="yes">
<options defaultmodes="" syntaxhints="no">
<security hidewhois="" maxtargets="20">
<limits maxline="512">
"""


def nats_command(program, folder, port, _):
    configuration = folder / "nats.conf"
    configuration.write_text(NATS.format(port=port))
    return [program, "--config", configuration]


def inspircd_command(program, folder, port, _):
    configuration = folder / "inspircd.conf"
    # Also where the package was only unpacked.
    modules = program.resolve().parents[1] / "lib/inspircd/modules"
    configuration.write_text(
        INSPIRCD.format(port=port, folder=folder, modules=modules)
    )
    return [
        program,
        "--nofork",
        "--nolog",
        "--runasroot",
        "--config",
        configuration,
    ]
