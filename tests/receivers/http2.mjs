// An HTTP/2 server over TLS that ends streams and connections as servers do when they restart, run
// out of something, or are cut off by a balancer.
//
//   node http2.mjs PORT CERTIFICATE KEY
//
//   /ok       answers 200
//   /refused  the first time the stream is refused before any of it was looked at, then as /ok
//   /reset    the stream ends with INTERNAL_ERROR, its request taken
//   /goaway   answers 200 and says that this connection takes no more streams
//   /cut      the connection ends in the middle of the answer
//
// Each request is one line of JSON on stdout.

import { constants, createSecureServer } from "node:http2";
import { readFileSync } from "node:fs";

const [port, certificate, key] = process.argv.slice(2);
const server = createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) });
const sessions = new Map();
const sockets = new Map(); // by the client's port: a session does not give its own out
let refusals = 0;

function answer(stream) {
  stream.respond({ ":status": 200 });
  stream.end("taken");
}

const behaviours = {
  "/ok": answer,
  "/refused": (stream) => {
    if (refusals++ === 0) stream.close(constants.NGHTTP2_REFUSED_STREAM);
    else answer(stream);
  },
  "/reset": (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  "/goaway": (stream) => {
    answer(stream);
    stream.session.goaway(constants.NGHTTP2_NO_ERROR, stream.id);
  },
  "/cut": (stream) => {
    stream.respond({ ":status": 200, "content-length": "100" });
    stream.write("a part", () => sockets.get(stream.session.socket.remotePort).destroy());
  },
};

server.on("secureConnection", (socket) => sockets.set(socket.remotePort, socket));
server.on("session", (session) => sessions.set(session, sessions.size + 1));
server.on("sessionError", () => {});
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  let size = 0;
  stream.on("data", (chunk) => (size += chunk.length));
  stream.on("end", () => {
    const path = headers[":path"];
    console.log(JSON.stringify({ path, size, connection: sessions.get(stream.session) }));
    behaviours[path](stream);
  });
});
server.listen(Number(port), "127.0.0.1");
