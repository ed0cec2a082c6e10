// Runs in the page after its own script: uses the timeline as a reader would, and leaves what it saw.
(async () => {
  const seen = {errors: window.seenErrors, failures: [], steps: []};
  const canvas = document.querySelector("canvas.timeline"), section = canvas.closest("section");
  const details = section.querySelector(".details"), box = () => canvas.getBoundingClientRect();
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  const expect = (what, holds) => holds || seen.failures.push(what);
  const image = () => canvas.toDataURL();
  const colors = () => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size;
  };
  const key = async (name) => {
    canvas.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
    await frame();
    return image();
  };
  const pointer = (type, id, x, y) => canvas.dispatchEvent(
      new PointerEvent(type, {pointerId: id, clientX: box().left + x, clientY: box().top + y, bubbles: true}));
  canvas.setPointerCapture = () => {};  // no pointer of the browser's is down
  while (!canvas.dataset.drawn) await frame();

  seen.colors = colors();
  seen.size = [canvas.width, canvas.height, box().width];
  const whole = image();
  const closer = await key("+");
  expect("+ does not zoom", closer !== whole);
  expect("the arrow does not move it", await key("ArrowRight") !== closer);
  expect("0 does not show all", await key("0") === whole);
  const wheel = (more) => canvas.dispatchEvent(
      new WheelEvent("wheel", {deltaY: -200, clientX: box().left + 100, cancelable: true, ...more}));
  expect("the wheel alone is the page's", wheel({}) === true);
  expect("Ctrl and the wheel are the timeline's", wheel({ctrlKey: true}) === false);
  await frame();
  const wheeled = image();
  expect("Ctrl and the wheel do not zoom", wheeled !== whole);
  pointer("pointerdown", 1, 200, 60);
  pointer("pointermove", 1, 120, 60);
  pointer("pointerup", 1, 120, 60);
  await frame();
  expect("dragging does not move it", image() !== wheeled);
  await key("0");
  pointer("pointerdown", 1, 100, 60);
  pointer("pointerdown", 2, 140, 60);
  pointer("pointermove", 2, 260, 60);
  pointer("pointerup", 1, 100, 60);
  pointer("pointerup", 2, 260, 60);
  await frame();
  expect("two fingers do not zoom", image() !== whole);
  expect("a gesture chooses nothing", !details.querySelector("b"));
  for (const button of section.querySelectorAll(".bar button")) {
    button.click();
    await frame();
  }
  expect("the buttons choose a trap", details.querySelector("b"));
  for (let i = 0; i < 12; ++i) {
    seen.steps.push(details.textContent);
    await key("n");
  }
  await key("0");
  // A finger on the row of what runs.
  pointer("pointerdown", 1, box().width / 2, 70);
  pointer("pointerup", 1, box().width / 2, 70);
  await frame();
  seen.runs = details.textContent;
  const light = await key("0");
  document.documentElement.dataset.theme = "dark";
  await frame();
  await frame();
  expect("another theme, the same picture", image() !== light);
  seen.marks = section.querySelectorAll(".legend li").length;
  seen.overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const pre = document.createElement("pre");
  pre.id = "probe";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
})();
