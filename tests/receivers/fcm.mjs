// Google's token endpoint and FCM's HTTP v1 interface, as strict as published: RFC 7523 and
// https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages.
//
//   node fcm.mjs PORT PUBLIC_KEY        PUBLIC_KEY of the service account, PEM
//
// FCM_TOKEN_SECONDS is how long a token is good for (3600), FCM_TOKEN_DELAY_MS how long one takes.
// The beginning of a registration token says what becomes of its message; see `fates`. Each
// request is one line of JSON on stdout.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createPublicKey } from "node:crypto";
import { now, readBody, readToken } from "./jwt.mjs";

const [port, keyFile] = process.argv.slice(2);
const publicKey = createPublicKey(readFileSync(keyFile));
const lifetime = Number(process.env.FCM_TOKEN_SECONDS ?? 3600);
const tokenDelay = Number(process.env.FCM_TOKEN_DELAY_MS ?? 0);
const tokens = new Map(); // token -> when it expires, in ms
let tokenCount = 0;
let messageCount = 0;
const revoked = new Set();

// --- the token endpoint

function checkAssertion(form) {
  if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    return ["unsupported_grant_type", "Invalid grant_type"];
  }
  let token;
  try {
    token = readToken(form.get("assertion") ?? "", "RS256", publicKey);
  } catch (error) {
    return ["invalid_grant", "Invalid JWT Signature. " + error.message];
  }
  const { iss, scope, aud, iat, exp } = token.claims;
  if (iss !== "push@test-project.iam.gserviceaccount.com") return ["invalid_grant", "Invalid issuer"];
  if (token.header.kid !== "key-1") return ["invalid_grant", "Invalid kid"];
  if (scope !== "https://www.googleapis.com/auth/firebase.messaging") {
    return ["invalid_scope", "Invalid OAuth scope or ID token audience provided."];
  }
  if (aud !== `http://127.0.0.1:${port}/token`) return ["invalid_grant", "Invalid audience"];
  if (Math.abs(iat - now()) > 300 || exp <= now() || exp > iat + 3600) {
    return ["invalid_grant", "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."];
  }
  return undefined;
}

function grant(request, body, answer) {
  const wrong =
    request.headers["content-type"] === "application/x-www-form-urlencoded"
      ? checkAssertion(new URLSearchParams(body.toString()))
      : ["invalid_request", "Bad Request"];
  if (wrong) return answer(400, { error: wrong[0], error_description: wrong[1] });
  const token = `ya29.${++tokenCount}`;
  tokens.set(token, Date.now() + lifetime * 1000);
  const give = () => answer(200, { access_token: token, expires_in: lifetime, token_type: "Bearer" });
  return setTimeout(give, tokenDelay);
}

// --- what a message may hold: names and types, unknown names are refused

const text = (value) => typeof value === "string";
const texts = (value) => typeof value === "object" && Object.values(value).every(text);
const anything = (value) => typeof value === "object" && value !== null;
const oneOf = (...words) => (value) => words.includes(value);
const duration = (value) => text(value) && /^\d+(\.\d{1,9})?s$/.test(value) && parseFloat(value) <= 2419200;
const data = (value) =>
  texts(value) && !Object.keys(value).some((key) => /^(from|message_type|google\..*|gcm\..*)$/.test(key));

const shape = {
  token: text,
  topic: (value) => text(value) && /^[a-zA-Z0-9\-_.~%]+$/.test(value),
  condition: text,
  notification: { title: text, body: text, image: text },
  data,
  fcm_options: { analytics_label: text },
  android: {
    collapse_key: text,
    priority: oneOf("NORMAL", "HIGH"),
    ttl: duration,
    restricted_package_name: text,
    data,
    notification: anything,
    direct_boot_ok: (value) => typeof value === "boolean",
    fcm_options: { analytics_label: text },
  },
  apns: { headers: texts, payload: anything, fcm_options: { analytics_label: text, image: text } },
  webpush: { headers: texts, data: texts, notification: anything, fcm_options: { link: text, analytics_label: text } },
};

function violation(value, wanted, path) {
  if (typeof wanted === "function") return wanted(value) ? undefined : `Invalid value at '${path}'`;
  if (typeof value !== "object" || value === null) return `Invalid value at '${path}'`;
  for (const [name, member] of Object.entries(value)) {
    if (!Object.hasOwn(wanted, name)) {
      return `Invalid JSON payload received. Unknown name "${name}" at '${path}': Cannot find field.`;
    }
    const found = violation(member, wanted[name], `${path}.${name}`);
    if (found) return found;
  }
  return undefined;
}

function check(body) {
  const outer = violation(body, { message: anything, validate_only: (v) => typeof v === "boolean" }, "body");
  if (outer) return outer;
  if (!body.message) return "The message is missing";
  const inner = violation(body.message, shape, "message");
  if (inner) return inner;
  const targets = ["token", "topic", "condition"].filter((name) => body.message[name]);
  if (targets.length !== 1) return "Recipient of the message is not set.";
  const size = Buffer.byteLength(JSON.stringify([body.message.notification, body.message.data]));
  if (size > (body.message.token ? 4096 : 2048)) return "Android message is too big";
  const { headers } = body.message.apns ?? {};
  if (headers && Buffer.byteLength(headers["apns-collapse-id"] ?? "") > 64) return "Invalid collapse id";
  return undefined;
}

// --- answers

const failure = (code, status, message, details = []) => ({ error: { code, message, status, details } });
const fcmError = (errorCode) => ({ "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", errorCode });
const badRequest = (field) => ({
  "@type": "type.googleapis.com/google.rpc.BadRequest",
  fieldViolations: [{ field, description: "The registration token is not a valid FCM registration token" }],
});

const fates = {
  unregistered: [404, "NOT_FOUND", "Requested entity was not found.", "UNREGISTERED"],
  sender: [403, "PERMISSION_DENIED", "SenderId mismatch", "SENDER_ID_MISMATCH"],
  quota: [429, "RESOURCE_EXHAUSTED", "Message rate exceeded", "QUOTA_EXCEEDED"],
  quota30: [429, "RESOURCE_EXHAUSTED", "Message rate exceeded", "QUOTA_EXCEEDED"],
  unavailable: [503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"],
  unavailable7: [503, "UNAVAILABLE", "The service is currently unavailable.", "UNAVAILABLE"],
  internal: [500, "INTERNAL", "Internal error encountered.", "INTERNAL"],
  thirdparty: [401, "UNAUTHENTICATED", "Auth error from APNS or Web Push Service", "THIRD_PARTY_AUTH_ERROR"],
};

function send(request, body, answer) {
  const unauthorized = failure(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.");
  const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
  if (!(tokens.get(token) > Date.now())) return answer(401, unauthorized);
  if (request.url !== "/v1/projects/test-project/messages:send") {
    return answer(404, failure(404, "NOT_FOUND", "Requested entity was not found."));
  }
  if (!/^application\/json/.test(request.headers["content-type"] ?? "")) {
    return answer(400, failure(400, "INVALID_ARGUMENT", "Invalid content type"));
  }
  const wrong = check(body);
  if (wrong) return answer(400, failure(400, "INVALID_ARGUMENT", wrong, [fcmError("INVALID_ARGUMENT")]));
  const fate = (body.message.token ?? "").split("-")[0];
  if (fate === "malformed") {
    const message = "The registration token is not a valid FCM registration token";
    return answer(400, failure(400, "INVALID_ARGUMENT", message, [fcmError("INVALID_ARGUMENT"), badRequest("message.token")]));
  }
  if (fate === "revoke" && !revoked.has(body.message.token)) {
    revoked.add(body.message.token);
    tokens.clear(); // every token of ours is no longer good
    return answer(401, unauthorized);
  }
  if (fate === "refuse") return answer(401, unauthorized);
  if (Object.hasOwn(fates, fate)) {
    const [code, status, message, errorCode] = fates[fate];
    const wait = /\d+$/.exec(fate);
    return answer(code, failure(code, status, message, [fcmError(errorCode)]), wait && { "retry-after": wait[0] });
  }
  const id = body.validate_only ? "fake_message_id" : `0:${++messageCount}`;
  return answer(200, { name: `projects/test-project/messages/${id}` });
}

createServer((request, response) => {
  readBody(request, (raw) => {
    const answer = (status, body, headers) => {
      const line = { path: request.url, status, authorization: request.headers.authorization };
      if (request.url !== "/token") line.body = JSON.parse(raw.toString());
      if (status >= 400) line.refused = body.error.message ?? body.error_description;
      console.log(JSON.stringify(line));
      response.writeHead(status, { "content-type": "application/json; charset=UTF-8", ...headers });
      response.end(JSON.stringify(body, null, 2));
    };
    if (request.method !== "POST") return answer(405, failure(405, "INVALID_ARGUMENT", "POST only"));
    if (request.url === "/token") return grant(request, raw, answer);
    return send(request, JSON.parse(raw.toString()), answer);
  });
}).listen(Number(port), "127.0.0.1");
