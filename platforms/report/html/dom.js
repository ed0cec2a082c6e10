// Elements. Text is always set as text, never as markup: names in a report come from guests and users.
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on"))
      element.addEventListener(name.slice(2), value);
    else if (name === "style")
      element.style.cssText = value;
    else
      element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

function section(id, title, remark, ...children) {
  return h(
      "section", {id, "aria-labelledby": id + "-title"}, h("h2", {id: id + "-title"}, title),
      remark && h("p", {class: "remark"}, remark), children);
}
const badge = (kind, text) => h("span", {class: "badge " + kind}, text);
function card(name, value, remark) {
  return h("div", {class: "card"}, h("dt", {}, name), h("dd", {}, value), remark && h("dd", {}, remark));
}
