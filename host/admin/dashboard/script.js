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

function fillTable(section, rows, columns, actions) {
  const place = byId(section);
  place.hidden = false;
  place.querySelectorAll("table, p").forEach((old) => old.remove());
  if (rows.length === 0) {
    place.append(element("p", "none", "dim"));
    return;
  }
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
    place.append(element("p", "the first " + shownRows + "; the command line has all", "dim"));
  }
}

function button(label, run) {
  const made = element("button", label);
  made.type = "button";
  made.addEventListener("click", async () => {
    made.disabled = true;
    try {
      await run();
      changed = true;
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
            ["shard", "epoch", "holder", "waiting", "unsettled", "oldest_seconds"], null);
  fillTable("segments", status.segments,
            ["name", "state", "bytes", "oldest_seconds", "kept_because"], null);
}

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

const sum = (rows, name) => rows.reduce((total, row) => total + (row[name] || 0), 0);

function laneRow(lane) {
  const broken = lane.hosts.find((host) => host.breaker !== "closed");
  const { due, behind, held, orphaned, reason } = lane.parked;
  return { lane: lane.name, breaker: broken ? broken.breaker : lane.hosts.length ? "closed" : "",
           queued: sum(lane.hosts, "queued"), in_flight: sum(lane.hosts, "in_flight"),
           due, behind, held: held + orphaned, why: reason };
}

function laneActions(row) {
  if (!row.lane || !row.breaker || row.breaker === "closed") return [];
  if (!has("POST", "lanes/resume")) return [];
  return [["Resume", async () => {
    const answer = await call("POST", "/lanes/resume", { lane: row.lane });
    if (!answer.resumed) throw new Error(answer.hosts.map((host) => host.answer).join("; "));
  }]];
}

function observerRow(observer) {
  const pauses = observer.paused.map((one) => [
    one.cause === "gone" ? "gone" : "paused", one.action ? "(" + one.action + ")" : "",
    one.reason || ""].filter(Boolean).join(" "));
  return { name: observer.name, entity: observer.entity,
           state: observer.enabled ? pauses.join(", ") || "active" : "disabled",
           matched: observer.matched, delivered: observer.delivered, failed: observer.failed,
           condition_errors: observer.condition_errors, paused: pauses.length > 0 };
}

function observerActions(row) {
  const verb = row.paused ? "resume" : "pause";
  if (!has("POST", "observers/" + verb)) return [];
  return [[row.paused ? "Resume" : "Pause",
           () => change("/observers/" + verb, { names: [row.name] })]];
}

// What is shown: section, columns, what makes a row of an answer's item, what can be done with it,
// and at each how many'th refresh it is asked for.
const same = (row) => row;
const sections = [
  ["lanes", ["lane", "breaker", "queued", "in_flight", "due", "behind", "held", "why"], laneRow,
   laneActions, 1],
  ["deliveries", ["state", "why", "observer", "action", "entity", "entity_key", "attempts",
                  "due_at"], same, null, 1],
  ["dlq", ["created_at", "status", "observer", "action", "entity", "entity_key", "attempts",
           "error_code", "error_message"], same, deadLetterActions, 1],
  ["observers", ["name", "entity", "state", "matched", "delivered", "failed", "condition_errors"],
   observerRow, observerActions, 5],
  ["plugins", ["types", "state", "name", "version", "reason"], same, null, 20],
];
let refreshes = 0;
let changed = true; // by this page: then everything is asked for

async function refresh() {
  clearTimeout(timer);
  try {
    if (endpoints === null) {
      const index = await call("GET", "");
      endpoints = new Set(index.endpoints.map(
        (one) => one.method + " " + one.path.replace("/api/v1/", "")));
    }
    if (has("GET", "status")) showStatus(await call("GET", "/status"));
    const all = changed || refreshes++ === 0;
    changed = false;
    for (const [name, columns, toRow, actions, every] of sections) {
      if (!has("GET", name) || (!all && refreshes % every !== 0)) continue;
      const limit = name === "plugins" ? "" : "?limit=" + (shownRows + 1);
      fillTable(name, (await call("GET", "/" + name + limit)).map(toRow), columns, actions);
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
