// A browser's push service and the browser behind it: web-push-testing decrypts messages and
// verifies who sent them; what it does not look at is checked here (RFC 8030, RFC 8292).
//
//   node web_push.mjs PORT DIRECTORY APPLICATION_SERVER_KEY
//
// DIRECTORY holds node_modules (install.sh). The first two lines on stdout are subscriptions, the
// second expired; then each message taken or refused is a line.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createPublicKey } from "node:crypto";
import { now, readBody, readToken } from "./jwt.mjs";

const [port, directory, serverKey] = process.argv.slice(2);
const require = createRequire(directory + "/");
const { PushApiModel, SubscriptionExpiredError } = require("web-push-testing/src/PushApiModel.js");

const origin = `http://127.0.0.1:${port}`;
const model = new PushApiModel();
model.notifyUrl = `${origin}/notify/`;

function keyOf(point) {
  const bytes = Buffer.from(point, "base64url");
  const part = (from) => bytes.subarray(from, from + 32).toString("base64url");
  return createPublicKey({ key: { kty: "EC", crv: "P-256", x: part(1), y: part(33) }, format: "jwk" });
}

function checkHeaders(headers, body) {
  if (!/^\d+$/.test(headers.ttl ?? "")) throw new Error("TTL is missing or no number");
  if (headers.urgency && !["very-low", "low", "normal", "high"].includes(headers.urgency)) throw new Error("Urgency");
  if (headers.topic !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(headers.topic)) throw new Error("Topic");
  if (headers["content-encoding"] !== "aes128gcm") throw new Error("Content-Encoding");
  if (body.length > 4096) throw new Error("too large");
}

function checkVapid(authorization) {
  const [, token, key] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization ?? "") ?? [];
  if (!token) throw new Error("no VAPID");
  const { claims } = readToken(token, "ES256", keyOf(key));
  if (claims.aud !== origin) throw new Error("aud " + claims.aud);
  if (claims.exp <= now() || claims.exp > now() + 24 * 3600) throw new Error("exp");
  if (!/^(mailto:|https:)/.test(claims.sub)) throw new Error("sub");
}

async function take(request, body) {
  checkHeaders(request.headers, body);
  checkVapid(request.headers.authorization);
  const hash = request.url.slice("/notify/".length);
  const { "content-encoding": encoding, ttl, authorization } = request.headers;
  await model.handleNotification(hash, { encoding, ttl, authorization }, body);
  return model.getNotifications({ clientHash: hash }).messages.at(-1);
}

const server = createServer((request, response) => {
  readBody(request, async (body) => {
    const { ttl, urgency, topic } = request.headers;
    try {
      const text = await take(request, body);
      console.log(JSON.stringify({ text, ttl, urgency, topic, authorization: request.headers.authorization }));
      response.writeHead(201, { location: `${origin}/message/1` }).end();
    } catch (error) {
      const status = error instanceof SubscriptionExpiredError ? 410 : 400;
      console.log(JSON.stringify({ refused: error.message }));
      response.writeHead(status).end(error.message);
    }
  });
});

const options = { userVisibleOnly: "true", applicationServerKey: serverKey };
const [good, gone] = [await model.subscribe(options), await model.subscribe(options)];
model.expireSubscription(gone.clientHash);
for (const { endpoint, keys } of [good, gone]) console.log(JSON.stringify({ endpoint, keys }));
server.listen(Number(port), "127.0.0.1");
