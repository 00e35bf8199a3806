#!/usr/bin/python3
"""A mail server on aiosmtpd that reads what it takes with Python's own libraries.

    smtpd.py PORT OPTIONS        on 127.0.0.1

OPTIONS is a JSON object, all members optional:
  cert, key     PEM files: offers STARTTLS and wants it
  implicit      true: TLS from the first byte instead
  users         {"name": "password"}: wants a login (PLAIN, LOGIN)
  answers       {"address": "450 4.2.0 later"}: what RCPT is answered for these
  sender        {"address": "550 ..."}: what MAIL is answered for these
  final         ["451 4.3.0 later", ...]: answers to the first messages, one each
  most          at most so many recipients in one transaction, 452 4.5.3 for others
  size          the largest message, in bytes
  dkim          {"selector._domainkey.domain.": "v=DKIM1; ..."}: the DNS that verifies signatures

Each message that is taken is one line of JSON on stdout: envelope, login, the octets in base64, and what
the email package made of them.
"""
import asyncio
import base64
import json
import ssl
import sys
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTPUTF8, compat32
from email.utils import getaddresses

from aiosmtpd.smtp import SMTP, AuthResult

port, options = int(sys.argv[1]), json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}")


def part_of(part):
    content = part.get_payload(decode=True)
    return {
        "type": part.get_content_type(),
        "charset": part.get_content_charset(),
        "disposition": part.get_content_disposition(),
        "name": part.get_filename(),
        "encoding": part.get("Content-Transfer-Encoding"),
        "content": base64.b64encode(content).decode(),
        "text": content.decode("utf-8", "replace"),
    }


def dkim_verdict(octets):
    if "dkim" not in options:
        return None
    import dkim

    def dns(name, timeout=5):
        return options["dkim"].get(name.decode(), "").encode() or None

    return dkim.verify(octets, dnsfunc=dns)


def addresses_of(octets):
    # Not by the newer policy: Python 3.11 keeps the space between two encoded words of a name.
    mail = message_from_bytes(octets, policy=compat32)
    return {
        name: [
            [str(make_header(decode_header(shown))), address]
            for shown, address in getaddresses([str(mail[name])])
        ]
        for name in ("From", "To", "Cc", "Reply-To")
        if name in mail
    }


def read(octets):
    mail = message_from_bytes(octets, policy=SMTPUTF8)
    parts = [part for part in mail.walk() if not part.is_multipart()]
    return {
        "type": mail.get_content_type(),
        "structure": [part.get_content_type() for part in mail.walk()],
        "headers": {name: str(value) for name, value in mail.items()},
        "names": [name for name, _ in mail.items()],
        "addresses": addresses_of(octets),
        "defects": [type(d).__name__ for part in mail.walk() for d in part.defects]
        + [type(d).__name__ for _, value in mail.items() for d in getattr(value, "defects", ())],
        "parts": [part_of(part) for part in parts],
        "longest_line": max(len(line) for line in octets.split(b"\r\n")),
        "has_bare": b"\n" in octets.replace(b"\r\n", b"") or b"\r" in octets.replace(b"\r\n", b""),
        "is_ascii": octets.isascii(),
        "dkim": dkim_verdict(octets),
    }


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        refusal = options.get("sender", {}).get(address)
        if refusal:
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in options.get("answers", {}):
            return options["answers"][address]
        if len(envelope.rcpt_tos) >= options.get("most", 1000):
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if options.get("final"):
            answer = options["final"].pop(0)
            if answer:
                return answer
        print(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "options": envelope.mail_options,
                    "user": session.auth_data.login.decode() if session.auth_data else None,
                    "tls": session.ssl is not None or options.get("implicit", False),
                    "peer": session.peer[1],
                    "octets": base64.b64encode(envelope.original_content).decode(),
                    **read(envelope.original_content),
                }
            ),
            flush=True,
        )
        return "250 2.0.0 taken as " + str(session.peer[1])


def authenticate(server, session, envelope, mechanism, data):
    password = options["users"].get(data.login.decode())
    if password is None or password.encode() != data.password:
        return AuthResult(success=False, handled=False)
    return AuthResult(success=True, auth_data=data)


async def main():
    context = None
    if "cert" in options:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["cert"], options["key"])
    implicit = options.get("implicit", False)
    more = {}
    if "users" in options:
        more = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": not implicit}
    if context and not implicit:
        more.update(tls_context=context, require_starttls=True)

    def session():
        return SMTP(Handler(), enable_SMTPUTF8=True, data_size_limit=options.get("size", 33554432), **more)

    server = await asyncio.get_running_loop().create_server(
        session, "127.0.0.1", port, ssl=context if implicit else None
    )
    await server.serve_forever()


asyncio.run(main())
