// Slack's own clients, each to send one message.
//
//   node slack_clients.mjs DIRECTORY webhook URL MESSAGE
//   node slack_clients.mjs DIRECTORY bot BASE-URL TOKEN MESSAGE
//
// DIRECTORY holds node_modules (install.sh), MESSAGE is the JSON that the client is given. Writes what
// it made of the answer as one line of JSON.

import { createRequire } from "node:module";

const [directory, way, url, ...rest] = process.argv.slice(2);
const require = createRequire(directory + "/");

async function webhook(message) {
  const { IncomingWebhook } = require("@slack/webhook");
  return new IncomingWebhook(url).send(JSON.parse(message));
}

async function bot(token, message) {
  const { WebClient } = require("@slack/web-api");
  const client = new WebClient(token, { slackApiUrl: url, retryConfig: { retries: 0 } });
  return client.chat.postMessage(JSON.parse(message));
}

console.log(JSON.stringify(await { webhook, bot }[way](...rest)));
