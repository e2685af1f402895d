// The left side: who you are, the app's Home, channels and direct messages, with what is unread.

import { h, show } from "./dom.js";
import { holdFocus } from "./focus.js";
import { avatar, icon, mark } from "./icons.js";
import { openMenu } from "./menu.js";
import { directChannel, state, unreadIn, watch, you } from "./store.js";

/** Draw the left side and keep it in step. `choose(user)` is called when somebody else is chosen. */
export function mountSidebar(root, choose) {
  const who = h("div", { class: "switcher" });
  const where = h("nav", { "aria-label": "Places" });
  show(root, who, where);
  const draw = () => {
    const restore = holdFocus(where);
    show(where, places());
    restore();
  };
  watch("everything", () => show(who, switcher(choose)));
  for (const topic of ["everything", "place", "channels", "messages"]) watch(topic, draw);
}

function switcher(choose) {
  const me = you();
  const open = ({ currentTarget }) => openMenu(currentTarget, people(choose), { label: "You are" });
  return h("button", { type: "button", id: "you-are", class: "you", "aria-haspopup": "menu", "aria-expanded": "false", on: { click: open } },
    avatar(me),
    h("span", { class: "you-words" }, h("span", { class: "you-label" }, "You are"), h("span", { class: "you-name" }, me?.real_name), h("span", { class: "you-role" }, me?.profile?.title ?? me?.title)),
    icon("down"));
}

function people(choose) {
  return [...state.people.values()]
    .filter((person) => !person.is_bot && !person.deleted)
    .map((person) => ({
      label: person.real_name,
      detail: [person.profile?.title, person.tz.split("/").at(-1).replaceAll("_", " ")].filter(Boolean).join(" · "),
      lead: avatar(person),
      checked: person.id === state.you,
      run: () => void choose(person.id),
    }));
}

function places() {
  const all = [...state.channels.values()];
  const direct = directChannel();
  return [
    section("App", [link("home", h("span", {}, "Home"), icon("home"))]),
    section("Channels", all.filter((channel) => !channel.is_im && !channel.is_archived).map((channel) => link(channel.id, h("span", {}, channel.name), icon(channel.is_private ? "lock" : "hash")))),
    section("Direct messages", direct ? [link(direct, h("span", {}, state.people.get(state.bot)?.real_name ?? "App"), h("span", { class: "avatar bot tiny" }, mark()))] : []),
  ];
}

function section(title, links) {
  return h("section", {}, h("h2", {}, title), h("ul", {}, links.map((item) => h("li", {}, item))));
}

function link(place, words, picture) {
  const here = state.place === place;
  const { count, named } = place === "home" ? { count: 0 } : unreadIn(place);
  const unread = count > 0 && !here;
  const badge = unread && h("span", { class: named ? "count named" : "count" }, count > 99 ? "99+" : count, h("span", { class: "unseen" }, named ? " unread, one names you" : " unread"));
  return h("a", { href: `#${place}`, class: unread ? "place unread" : "place", "aria-current": here ? "page" : undefined, data: { place } }, picture, words, badge);
}
