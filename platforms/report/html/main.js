// The frame: header, contents, theme; then which page it is.
function saveButton(id) {
  return h(
      "button", {
        type: "button",
        onclick: () => {
          const url = URL.createObjectURL(
              new Blob([document.getElementById(id).textContent + "\n"], {type: "application/json"}));
          h("a", {href: url, download: id + ".json"}).click();
          URL.revokeObjectURL(url);
        }
      },
      "Save JSON");
}
function themeButton() {
  const root = document.documentElement;
  return h(
      "button", {
        type: "button",
        "aria-label": "Switch between light and dark",
        onclick: () => {
          const dark =
              root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
          root.dataset.theme = dark ? "light" : "dark";
        }
      },
      "Light / dark");
}

function makeFrame(page) {
  const top = h("div"), list = h("ul"), sections = h("div"),
        main =
            h("main", {id: "main"}, top, sections,
              h("footer", {}, "Written by trapwalk. All data is in this file; nothing is loaded from elsewhere."));
  page.replaceChildren(h("nav", {"aria-label": "Contents"}, list), main);
  let watcher = null;
  return {
    tools: (...buttons) => h("span", {class: "tools"}, buttons, themeButton()),
    header: (element) => top.replaceChildren(element),
    show(elements) {
      sections.replaceChildren(...elements);
      const links = new Map(elements.map((e) => [e.id, h("a", {href: "#" + e.id}, e.querySelector("h2").textContent)]));
      list.replaceChildren(...[...links.values()].map((a) => h("li", {}, a)));
      if (watcher) watcher.disconnect();
      watcher = new IntersectionObserver((seen) => {
        for (const s of seen.filter((e) => e.isIntersecting)) {
          for (const [id, a] of links)
            id === s.target.id ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
        }
      }, {rootMargin: "-10% 0px -80% 0px"});
      for (const e of elements) watcher.observe(e);
    },
  };
}

const frame = makeFrame(document.getElementById("page"));
const comparison = read("comparison");
if (comparison)
  comparePage(comparison, read("timelines"), read("notes"), frame);
else
  reportPage(read("report"), read("notes"), frame);
document.documentElement.dataset.ready = "true";
