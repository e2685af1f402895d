// The form that hands the bot a lead through its own door, and the curl line that does the same.

import { handInLead } from "./api.js";
import { announce, h, show, toast } from "./dom.js";
import { icon, iconButton } from "./icons.js";
import { state } from "./store.js";

const FIELDS = [
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["email", "E-mail", { type: "text", inputmode: "email" }],
  ["title", "Title"],
  ["company", "Company"],
  ["employees", "Employees", { inputmode: "numeric" }],
  ["country", "Country"],
  ["campaign", "Campaign", { list: "campaigns" }],
];
const ACTIVITIES = [
  ["demo_request", "Asked for a demo"],
  ["pricing_request", "Asked for prices"],
  ["webinar_attended", "Attended a webinar"],
  ["content_download", "Downloaded content"],
  ["", "Nothing yet"],
];
const FIRST = ["Jane", "Omar", "Lena", "Mateo", "Aiko", "Priya", "Noah", "Zofia", "Tariq", "Ingrid"];
const LAST = ["Doe", "Haddad", "Vogt", "Ruiz", "Tanaka", "Nair", "Berg", "Nowak", "Aziz", "Lund"];
const TITLES = ["VP Engineering", "CTO", "Head of Platform", "Engineering Manager", "Director of IT", "Developer"];
const FIRMS = ["Northwind Rail", "Aster Labs", "Helio Foods", "Kestrel Bank", "Lumen Freight", "Orchard Health"];
const COUNTRIES = ["United States", "Germany", "Spain", "Japan", "Poland", "Sweden"];
const CAMPAIGNS = ["q4-webinar", "search-ads", "trade-show"];

const any = (list) => list[Math.floor(Math.random() * list.length)];

/** Somebody who could be interested. */
function somebody() {
  const [first, last, company] = [any(FIRST), any(LAST), any(FIRMS)];
  const domain = `${company.toLowerCase().replace(/\W+/g, "-")}.example`;
  return {
    first_name: first, last_name: last, email: `${first}.${last}@${domain}`.toLowerCase(), title: any(TITLES), company,
    employees: String(any([40, 120, 260, 800, 2400])), country: any(COUNTRIES), campaign: any(CAMPAIGNS), activity: any(ACTIVITIES)[0],
  };
}

/** The form in its dialog. */
export class LeadForm {
  constructor() {
    const change = () => this.preview();
    this.inputs = new Map(FIELDS.map(([name, , props]) => [name, h("input", { id: `lead-${name}`, name, type: "text", autocomplete: "off", ...props, on: { input: change } })]));
    this.activity = h("select", { id: "lead-activity", on: { change } }, ACTIVITIES.map(([value, words]) => h("option", { value }, words)));
    this.curl = h("pre", { class: "code-block curl", tabindex: 0 });
    this.answer = h("div", { class: "lead-answer", role: "status" });
    this.button = h("button", { type: "submit", class: "button primary filled" }, "Send the lead");
    const field = ([name, words]) => h("div", { class: "lead-field" }, h("label", { for: `lead-${name}` }, words), this.inputs.get(name));
    const form = h("form", { novalidate: true, on: { submit: (event) => void this.send(event) } },
      h("header", { class: "modal-head" }, h("h2", { id: "lead-form-title" }, "Send a lead"), iconButton("close", "Close", () => this.dialog.close())),
      h("div", { class: "modal-body" },
        h("p", { class: "panel-intro" }, "This is how a website, a CRM or a spreadsheet sends leads to the bot. ", h("button", { type: "button", class: "link", on: { click: () => this.fill(somebody()) } }, "Fill in somebody else")),
        h("div", { class: "lead-fields" }, FIELDS.map(field), h("div", { class: "lead-field" }, h("label", { for: "lead-activity" }, "What they did"), h("span", { class: "select" }, this.activity, icon("down")))),
        h("datalist", { id: "campaigns" }, CAMPAIGNS.map((value) => h("option", { value }))),
        h("div", { class: "curl-head" }, h("span", { class: "label" }, "The same from a terminal"), iconButton("copy", "Copy the command", () => void this.copy())),
        this.curl, this.answer),
      h("footer", { class: "dialog-buttons" }, h("button", { type: "button", class: "button", on: { click: () => this.dialog.close() } }, "Close"), this.button));
    this.dialog = h("dialog", { id: "lead-form", class: "modal", "aria-labelledby": "lead-form-title" }, form);
    document.body.append(this.dialog);
  }

  open() {
    show(this.answer);
    this.fill(somebody());
    this.dialog.showModal();
    this.inputs.get("first_name").focus();
  }

  fill(lead) {
    for (const [name, input] of this.inputs) input.value = lead[name] ?? "";
    this.activity.value = lead.activity;
    this.preview();
  }

  lead() {
    const entries = [...this.inputs].map(([name, { value }]) => [name, value.trim()]).filter(([, value]) => value);
    const lead = Object.fromEntries(entries);
    if (/^\d+$/.test(lead.employees ?? "")) lead.employees = Number(lead.employees);
    if (this.activity.value) lead.activities = [{ type: this.activity.value }];
    return lead;
  }

  preview() {
    const { url = "", token = "" } = state.leads ?? {};
    const body = JSON.stringify(this.lead()).replaceAll("'", "'\\''");
    this.curl.textContent = `curl -X POST ${url} \\\n  -H 'Authorization: Bearer ${token}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`;
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.curl.textContent);
      toast("Copied.");
    } catch {
      toast("The browser blocks copying. Select the text instead.", "bad");
    }
  }

  async send(event) {
    event.preventDefault();
    this.button.setAttribute("aria-busy", "true");
    const answer = await handInLead(this.lead());
    this.button.removeAttribute("aria-busy");
    const [words, good, details] = verdict(answer);
    show(this.answer, h("p", { class: good ? "verdict good" : "verdict bad" }, words), details.length > 0 && h("ul", {}, details.map((line) => h("li", {}, line))));
    announce(words);
  }
}

/** What the bot said to a lead, in words. */
function verdict({ status, body, error }) {
  if (status === 200 || status === 201) {
    const handed = body.handoff_id ? "It was handed off to sales." : "It is not handed off yet.";
    const known = status === 200 ? "Updated" : "Created";
    return [`${known} as lead #${body.id}: ${[body.grade, body.priority].filter(Boolean).join(", ") || body.stage}. ${handed}`, true, (body.why ?? []).map(String)];
  }
  const faults = body?.faults ?? body?.errors ?? body?.detail ?? [];
  const lines = Array.isArray(faults) ? faults.map(faultLine) : [String(faults)];
  return [error || body?.error || `The bot refused it (${status}).`, false, lines];
}

function faultLine(fault) {
  if (typeof fault === "string") return fault;
  const place = fault.field ?? fault.loc?.at(-1) ?? "";
  return [place, fault.message ?? fault.msg ?? fault.words ?? JSON.stringify(fault)].filter(Boolean).join(": ");
}
