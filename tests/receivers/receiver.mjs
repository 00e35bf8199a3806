// A receiver of webhooks that believes nothing but public libraries.
//
//   node receiver.mjs PORT DIRECTORY
//
// DIRECTORY holds node_modules (install.sh). Each path verifies in its own way, answers 204 or 400,
// and writes what it made of the request as one line of JSON:
//
//   /standard     standardwebhooks, secret WEBHOOK_SECRET
//   /ed25519      a v1a signature, public key WEBHOOK_PUBLIC_KEY (base64), with node's own crypto
//   /cloudevents  cloudevents, in both modes

import { createPublicKey, verify } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";

const [port, directory] = process.argv.slice(2);
const require = createRequire(directory + "/");
const { Webhook } = require("standardwebhooks");
const { HTTP } = require("cloudevents");

function standard(headers, body) {
  return new Webhook(process.env.WEBHOOK_SECRET).verify(body, headers);
}

function ed25519(headers, body) {
  // The frame of an Ed25519 key in SubjectPublicKeyInfo (RFC 8410).
  const der = Buffer.concat([
    Buffer.from("302a300506032b6570032100", "hex"),
    Buffer.from(process.env.WEBHOOK_PUBLIC_KEY, "base64"),
  ]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const signatures = headers["webhook-signature"]
    .split(" ")
    .map((text) => text.split(","))
    .filter(([version]) => version === "v1a");
  const fits = ([, text]) => verify(null, Buffer.from(signed), key, Buffer.from(text, "base64"));
  if (!signatures.some(fits)) throw new Error("no v1a signature fits");
  return JSON.parse(body);
}

function cloudevents(headers, body) {
  const event = HTTP.toEvent({ headers, body });
  event.validate();
  return event.toJSON();
}

const verifiers = { "/standard": standard, "/ed25519": ed25519, "/cloudevents": cloudevents };

createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    try {
      const taken = verifiers[request.url](request.headers, Buffer.concat(chunks).toString());
      console.log(JSON.stringify({ path: request.url, taken }));
      response.writeHead(204).end();
    } catch (error) {
      console.log(JSON.stringify({ path: request.url, refused: error.message }));
      response.writeHead(400).end(error.message);
    }
  });
}).listen(Number(port), "127.0.0.1");
