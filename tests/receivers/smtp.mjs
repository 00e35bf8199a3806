// A mail server on the npm package smtp-server.
//
//   node smtp.mjs PORT DIRECTORY OPTIONS       on 127.0.0.1
//
// DIRECTORY holds node_modules (install.sh). OPTIONS is a JSON object, all members optional:
//   cert, key    PEM files: offers STARTTLS
//   implicit     true: TLS from the first byte instead
//   users        {"name": "password or token"}: wants a login (PLAIN, LOGIN, XOAUTH2)
//   utf8         false: offers no SMTPUTF8
//
// Each message that is taken is one line of JSON on stdout, its octets in base64; so is each login, and
// each connection.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [port, directory, text] = process.argv.slice(2);
const options = JSON.parse(text ?? "{}");
const require = createRequire(directory + "/");
const { SMTPServer } = require("smtp-server");

const tls = options.cert ? { cert: readFileSync(options.cert), key: readFileSync(options.key) } : {};
const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

function onAuth(auth, session, done) {
  const secret = auth.method === "XOAUTH2" ? auth.accessToken : auth.password;
  if (options.users[auth.username] === secret) {
    say({ login: auth.method, user: auth.username });
    return done(null, { user: auth.username });
  }
  // What XOAUTH2 puts into its challenge before the refusal.
  return done(null, { data: { status: "401", schemes: "bearer mac", scope: "mail" } });
}

function onData(stream, session, done) {
  const chunks = [];
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => {
    say({
      from: session.envelope.mailFrom.address,
      to: session.envelope.rcptTo.map((one) => one.address),
      utf8: session.envelope.mailFrom.args?.SMTPUTF8 ?? false,
      user: session.user ?? null,
      tls: session.secure,
      octets: Buffer.concat(chunks).toString("base64"),
    });
    done(null, "taken");
  });
}

const server = new SMTPServer({
  ...tls,
  secure: options.implicit ?? false,
  authMethods: ["PLAIN", "LOGIN", "XOAUTH2"],
  authOptional: !options.users,
  disabledCommands: [...(options.users ? [] : ["AUTH"]), ...(options.cert ? [] : ["STARTTLS"])],
  hideSMTPUTF8: options.utf8 === false,
  disableReverseLookup: true,
  onConnect: (session, done) => {
    say({ connection: session.id });
    done();
  },
  onAuth,
  onData,
});
server.on("error", () => {}); // of a connection: clients that leave in the middle
server.listen(Number(port), "127.0.0.1");
