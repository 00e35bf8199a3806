"use strict";
// Everything that comes from the API is put in as text, never as markup: names and messages come
// from databases and receivers.
const refreshMs = 3000;
const shownRows = 50;
const byId = (id) => document.getElementById(id);
let endpoints = null; // "GET dlq", "POST dlq/retry", …
let timer = 0;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

async function call(method, path, body) {
  const headers = { Accept: "application/json", "X-Observerd-Request": "1" };
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = "Bearer " + token;
  if (body) headers["Content-Type"] = "application/json";
  const response = await fetch("/api/v1" + path, {
    method, headers, body: body ? JSON.stringify(body) : undefined, cache: "no-store",
    redirect: "error", signal: AbortSignal.timeout(15000),
  });
  const answer = await response.json().catch(() => null);
  if (response.status === 401) throw Object.assign(new Error("token"), { unauthorised: true });
  if (!response.ok) {
    const error = answer && answer.error;
    throw new Error(error ? [error.code, error.message].filter(Boolean).join(" ")
                          : "HTTP " + response.status);
  }
  return answer;
}

function has(method, path) {
  return endpoints !== null && endpoints.has(method + " " + path);
}

function shown(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

// The wanted columns that the rows have; without any of them all of the first row's plain members.
function columnsOf(rows, wanted) {
  const present = wanted.filter((name) => rows.some((row) => name in row));
  if (present.length > 0) return present;
  return Object.keys(rows[0]).filter((key) => rows[0][key] === null
                                              || typeof rows[0][key] !== "object").slice(0, 8);
}

function fillTable(section, rows, wanted, actions) {
  const place = byId(section);
  place.hidden = false;
  place.querySelectorAll("table, p").forEach((old) => old.remove());
  if (rows.length === 0) {
    place.append(element("p", "none", "dim"));
    return;
  }
  const columns = columnsOf(rows, wanted);
  const table = element("table");
  const head = table.createTHead().insertRow();
  for (const name of columns) head.append(element("th", name.replaceAll("_", " ")));
  if (actions) head.append(element("th", ""));
  const body = table.createTBody();
  for (const row of rows.slice(0, shownRows)) {
    const line = body.insertRow();
    for (const name of columns) line.append(element("td", shown(row[name])));
    if (actions) {
      const cell = line.insertCell();
      for (const [label, run] of actions(row)) cell.append(button(label, run));
    }
  }
  place.append(table);
  if (rows.length > shownRows) {
    place.append(element("p", "the first " + shownRows + " of " + rows.length, "dim"));
  }
}

function button(label, run) {
  const made = element("button", label);
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await run();
      byId("message").textContent = "";
      await refresh();
    } catch (error) {
      byId("message").textContent = label + ": " + error.message;
    } finally {
      made.disabled = false;
    }
  });
  return made;
}

async function change(path, body) {
  const answer = await call("POST", path, body);
  const failed = Array.isArray(answer) ? answer.filter((one) => one.done === false) : [];
  if (failed.length > 0) throw new Error(failed.map((one) => one.why_not).join("; "));
}

function showStatus(status) {
  const state = byId("state");
  state.textContent = status.moving ? "Delivery is moving" : "Delivery is NOT moving";
  state.className = status.moving ? "moving" : "stuck";
  document.title = (status.moving ? "" : "! ") + "observerd";
  byId("problems").replaceChildren(...status.problems.map((text) => element("li", text)));
  const figures = [
    ["events behind", status.lag.events, ""],
    ["seconds behind", status.lag.seconds.toFixed(1), status.lag.seconds > 60 ? "bad" : ""],
    ["retries due", status.retries.due, ""],
    ["behind another", status.retries.behind, ""],
    ["held", status.retries.held, status.retries.held ? "warn" : ""],
    ["orphaned", status.retries.orphaned, status.retries.orphaned ? "warn" : ""],
    ["dead letters", status.dead_letters.pending + status.dead_letters.retry_failed,
     status.dead_letters.pending + status.dead_letters.retry_failed ? "bad" : "good"],
    ["MiB of outbox",
     (status.segments.reduce((sum, one) => sum + one.bytes, 0) / 1048576).toFixed(1), ""],
  ];
  byId("figures").replaceChildren(...figures.map(([name, value, className]) => {
    const card = element("div");
    card.append(element("b", String(value), className), element("span", name));
    return card;
  }));
  fillTable("shards", status.shards,
            ["shard", "epoch", "holder", "waiting", "unsettled", "oldest_seconds"]);
}

const deadLetterColumns = ["created_at", "status", "observer", "action", "entity", "entity_key",
                           "attempts", "error_code", "error_message"];

function deadLetterActions(row) {
  const actions = [];
  const open = row.status === "pending" || row.status === "retry_failed";
  if (open && has("POST", "dlq/retry")) {
    actions.push(["Retry", () => change("/dlq/retry", { ids: [row.id] })]);
  }
  if (open && has("POST", "dlq/discard")) {
    actions.push(["Discard", async () => {
      if (window.confirm("Give up this delivery for good?")) {
        await change("/dlq/discard", { ids: [row.id] });
      }
    }]);
  }
  return actions;
}

function laneActions(row) {
  const parked = row.state ? row.state !== "open" && row.state !== "running" : row.reason;
  if (!parked || !has("POST", "lanes/resume")) return [];
  return [["Resume", () => change("/lanes/resume", { lane: row.lane || row.key })]];
}

function observerActions(row) {
  const verb = row.paused ? "resume" : "pause";
  if (!("paused" in row) || !has("POST", "observers/" + verb)) return [];
  return [[row.paused ? "Resume" : "Pause",
           () => change("/observers/" + verb, { name: row.name })]];
}

const sections = [
  ["lanes", ["lane", "key", "type", "state", "breaker", "queued", "in_flight", "parked", "reason",
             "until"], laneActions],
  ["deliveries", ["state", "observer", "action", "entity", "entity_key", "attempts", "due_at",
                  "reason"], null],
  ["dlq", deadLetterColumns, deadLetterActions],
  ["observers", ["name", "entity", "enabled", "paused", "reason", "actions"], observerActions],
  ["plugins", ["types", "state", "name", "version", "reason"], null],
];

async function refresh() {
  clearTimeout(timer);
  try {
    if (endpoints === null) {
      const index = await call("GET", "");
      endpoints = new Set(index.endpoints.map(
        (one) => one.method + " " + one.path.replace("/api/v1/", "")));
    }
    if (has("GET", "status")) showStatus(await call("GET", "/status"));
    for (const [name, columns, actions] of sections) {
      if (!has("GET", name)) continue;
      const answer = await call("GET", "/" + name);
      const rows = Array.isArray(answer) ? answer : answer[name] || [];
      fillTable(name, rows, columns, actions);
    }
    byId("login").hidden = true;
    byId("updated").textContent = "as of " + new Date().toLocaleTimeString();
  } catch (error) {
    if (error.unauthorised) {
      byId("login").hidden = false;
      byId("state").textContent = "needs the token";
    } else {
      byId("state").textContent = "cannot tell: " + error.message;
      endpoints = null; // it may come back as another version
    }
    byId("state").className = "unknown";
  }
  if (!document.hidden) timer = setTimeout(refresh, refreshMs);
}

byId("login").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", byId("token").value);
  byId("token").value = "";
  refresh();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
refresh();
