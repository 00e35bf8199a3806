// JSON Web Tokens by node's own crypto: the parts of a token whose signature fits, else an error.

import { verify } from "node:crypto";

const part = (text) => {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new Error("not base64url without padding");
  return Buffer.from(text, "base64url");
};

export function readToken(text, algorithm, key) {
  const [header, claims, signature, ...rest] = text.split(".");
  if (signature === undefined || rest.length > 0) throw new Error("not three parts");
  const read = { header: JSON.parse(part(header)), claims: JSON.parse(part(claims)) };
  if (read.header.alg !== algorithm) throw new Error("algorithm " + read.header.alg);
  const signed = Buffer.from(`${header}.${claims}`);
  // An ES256 signature is r and s (RFC 7518 section 3.4), not DER.
  const how = algorithm === "ES256" ? { key, dsaEncoding: "ieee-p1363" } : key;
  if (!verify("sha256", signed, how, part(signature))) throw new Error("the signature does not fit");
  return read;
}

export const now = () => Math.floor(Date.now() / 1000);

export function readBody(stream, done) {
  const chunks = [];
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => done(Buffer.concat(chunks)));
}
