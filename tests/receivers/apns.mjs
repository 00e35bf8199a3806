// Apple's push service on node's own HTTP/2, enforcing what Apple documents ("Sending notification
// requests to APNs", "Establishing a token-based connection to APNs", "Handling notification
// responses from APNs").
//
//   node apns.mjs PORT CERTIFICATE KEY PUBLIC_KEY       PUBLIC_KEY of the provider, PEM
//
// Team TEAM567890, key KEY4567890, app com.example.app. The first byte of a device token says what
// becomes of its message; see `fates` and `breaks`. Each request is one line of JSON on stdout.

import { constants, createSecureServer } from "node:http2";
import { readFileSync } from "node:fs";
import { createPublicKey } from "node:crypto";
import { now, readBody, readToken } from "./jwt.mjs";

const [port, certificate, key, publicKeyFile] = process.argv.slice(2);
const publicKey = createPublicKey(readFileSync(publicKeyFile));
const kTypes = ["alert", "background", "voip", "location", "complication", "fileprovider", "mdm", "liveactivity", "pushtotalk", "widgets", "controls"];
const kMinute = 60;
const sockets = new Map();
const sessions = new Map();
let provider = { token: undefined, since: 0 }; // the last new one
const expired = new Set();

const fates = {
  "00": [400, "BadDeviceToken"],
  "01": [400, "DeviceTokenNotForTopic"],
  "02": [400, "IdleTimeout"],
  "10": [410, "Unregistered"],
  "11": [410, "ExpiredToken"],
  "20": [403, "Forbidden"],
  29: [429, "TooManyRequests"],
  50: [500, "InternalServerError"],
  53: [503, "ServiceUnavailable"],
  54: [503, "Shutdown"],
};

function checkProvider(authorization) {
  if (authorization === undefined) return [403, "MissingProviderToken"];
  if (!authorization.startsWith("bearer ")) return [403, "InvalidProviderToken"];
  const text = authorization.slice("bearer ".length);
  let token;
  try {
    token = readToken(text, "ES256", publicKey);
  } catch {
    return [403, "InvalidProviderToken"];
  }
  const { iss, iat } = token.claims;
  if (token.header.kid !== "KEY4567890" || iss !== "TEAM567890") return [403, "InvalidProviderToken"];
  if (!Number.isInteger(iat) || iat > now() + kMinute) return [403, "InvalidProviderToken"];
  if (iat < now() - 60 * kMinute || expired.has(text)) return [403, "ExpiredProviderToken"];
  if (provider.token !== text) {
    if (provider.token !== undefined && now() - provider.since < 20 * kMinute) return [429, "TooManyProviderTokenUpdates"];
    provider = { token: text, since: now() };
  }
  return undefined;
}

function checkHeaders(headers) {
  const id = headers["apns-id"];
  if (id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) return [400, "BadMessageId"];
  const topic = headers["apns-topic"];
  if (topic === undefined) return [400, "MissingTopic"];
  if (!topic.startsWith("com.example.")) return [400, "BadTopic"];
  if (!topic.startsWith("com.example.app")) return [400, "TopicDisallowed"];
  const type = headers["apns-push-type"];
  if (!kTypes.includes(type)) return [400, "InvalidPushType"];
  const priority = headers["apns-priority"];
  if (priority !== undefined && !["10", "5", "1"].includes(priority)) return [400, "BadPriority"];
  if (type === "background" && priority !== "5") return [400, "BadPriority"];
  const expiration = headers["apns-expiration"];
  if (expiration !== undefined && !/^\d+$/.test(expiration)) return [400, "BadExpirationDate"];
  if (Buffer.byteLength(headers["apns-collapse-id"] ?? "") > 64) return [400, "BadCollapseId"];
  return undefined;
}

function checkPayload(type, body) {
  if (body.length === 0) return [400, "PayloadEmpty"];
  if (body.length > (type === "voip" ? 5120 : 4096)) return [413, "PayloadTooLarge"];
  const { aps } = JSON.parse(body.toString());
  if (typeof aps !== "object") return [400, "PayloadEmpty"];
  if (type === "alert" && aps.alert === undefined) return [400, "InvalidPushType"];
  if (type === "background" && (aps["content-available"] !== 1 || aps.alert || aps.badge || aps.sound)) return [400, "InvalidPushType"];
  return undefined;
}

function check(headers, body) {
  if (headers[":method"] !== "POST") return [405, "MethodNotAllowed"];
  const path = /^\/3\/device\/([^/]*)$/.exec(headers[":path"]);
  if (!path) return [404, "BadPath"];
  if (path[1] === "") return [400, "MissingDeviceToken"];
  if (!/^[0-9a-fA-F]{64,200}$/.test(path[1])) return [400, "BadDeviceToken"];
  const fate = path[1].slice(0, 2);
  if (fate === "e0") { // its time has come: as of now every token of before is an hour old
    expired.add((headers.authorization ?? "").slice("bearer ".length));
    provider = { token: undefined, since: 0 };
  }
  return checkProvider(headers.authorization) ?? checkHeaders(headers) ?? checkPayload(headers["apns-push-type"], body) ?? fates[fate];
}

// How an answer fails to come.
const breaks = {
  c0: (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
  c1: (stream) => {
    stream.respond({ ":status": 200, "content-length": "100" });
    stream.write("a part", () => sockets.get(stream.session.socket.remotePort).destroy());
  },
  c2: (stream) => sockets.get(stream.session.socket.remotePort).destroy(),
  c3: () => {}, // never
  c4: (stream) => {
    stream.respond({ ":status": 500 });
    stream.end("<html>".repeat(20_000));
  },
  c5: (stream) => {
    stream.respond({ ":status": 503, "retry-after": "7" });
    stream.end('{"reason":');
  },
};

const server = createSecureServer({ cert: readFileSync(certificate), key: readFileSync(key) });
server.on("secureConnection", (socket) => sockets.set(socket.remotePort, socket));
server.on("session", (session) => sessions.set(session, sessions.size + 1));
server.on("sessionError", () => {});
server.on("stream", (stream, headers) => {
  stream.on("error", () => {});
  readBody(stream, (body) => {
    const token = /[^/]*$/.exec(headers[":path"])[0];
    const wrong = check(headers, body);
    const line = { token, headers, connection: sessions.get(stream.session), refused: wrong?.[1] };
    if (body.length > 0) line.body = JSON.parse(body.toString());
    console.log(JSON.stringify(line));
    const broken = breaks[token.slice(0, 2)];
    if (!wrong && broken) return broken(stream);
    const [status, reason] = wrong ?? [200];
    stream.respond({ ":status": status, "apns-id": headers["apns-id"] ?? "missing" });
    if (!reason) return stream.end();
    return stream.end(JSON.stringify(status === 410 ? { reason, timestamp: 1700000000000 } : { reason }));
  });
});
server.listen(Number(port), "127.0.0.1");
