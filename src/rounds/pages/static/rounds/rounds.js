// Small comforts that pages do without when scripts are off: keys, the running timer, marks on questions.
"use strict";

const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
const places = { h: "/", c: "/clients/", m: "/machines/", w: "/work/", b: "/money/" };
let isGoing = false;

function chooseRow(step) {
  const rows = [...document.querySelectorAll("table.list tbody tr")].filter((row) => row.querySelector("a"));
  if (rows.length === 0) return false;
  const now = rows.findIndex((row) => row.classList.contains("is-chosen"));
  const next = Math.min(rows.length - 1, Math.max(0, now + step));
  rows[now]?.classList.remove("is-chosen");
  rows[next].classList.add("is-chosen");
  rows[next].querySelector("a").focus();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (isGoing && places[event.key]) {
    location.assign(places[event.key]);
  } else if (event.key === "/" && document.getElementById("search")) {
    event.preventDefault();
    document.getElementById("search").focus();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else if (event.key === "t" && document.querySelector(".main-nav")) {
    location.assign(document.querySelector(".timer")?.href ?? "/work/orders");
  } else if (/^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`)) {
    document.querySelector(`[data-key="${event.key}"]`).click();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (chooseRow(event.key === "ArrowDown" ? 1 : -1)) event.preventDefault();
  }
  isGoing = event.key === "g";
});

function showTimers() {
  for (const place of document.querySelectorAll("[data-timer-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.timerSince)) / 60000));
    const shown = place.querySelector("[data-timer]");
    if (shown) shown.textContent = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
  }
}

showTimers();
setInterval(showTimers, 15000);

document.addEventListener("click", (event) => {
  const opened = document.querySelector("details.menu[open]");
  if (opened && !opened.contains(event.target)) opened.removeAttribute("open");
});

// A form that cannot be undone carries its question; without scripts the server's own confirmation page asks.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.ask;
  if (question && !window.confirm(question)) event.preventDefault();
});
