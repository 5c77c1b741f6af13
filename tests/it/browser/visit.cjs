// Opens pages in one headless Chromium and looks at each in light and dark, wide and as narrow as a phone; prints what
// it showed as one JSON array: console errors, violations of the content security policy, failed requests, what
// axe-core finds, and whether anything sticks out at the side. Screenshots go to a folder.
// Arguments: folder with node_modules, Chromium, folder for screenshots, and the pages as JSON: [{ name, url }]. A page
// with `gains`, a file and where to move it, is watched until it says that there is news.
const { createRequire } = require("node:module");
const { readFileSync, mkdirSync, renameSync } = require("node:fs");
const { join } = require("node:path");
const [modules, chromium, shots, pages] = process.argv.slice(-4);
const tools = createRequire(`${modules}/`);
const axe = readFileSync(tools.resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const WIDTHS = { wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const CONTRAST = { runOnly: ["color-contrast"] };

// What is wrong with the page as it stands. What the debugger evaluates is under no content security policy.
async function judge(page, options) {
  const { violations } = await page.evaluate((options) => window.axe.run(document, options), options);
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 3).map((node) => node.html) }));
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

async function visit(page, { name, url, gains }) {
  const told = { name, console: [], csp: [], failed: [], axe: [], sideways: [] };
  const shoot = (look, whole = true) => page.screenshot({ path: join(shots, `${name}-${look}.png`), fullPage: whole });
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && told.console.push(message.text()));
  page.on("pageerror", (error) => told.console.push(String(error)));
  // A stream that was closed is none that failed.
  page.on("requestfailed", (request) => request.resourceType() === "eventsource"
    || told.failed.push(`${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (answer) => answer.status() >= 400 && told.failed.push(`${answer.url()} ${answer.status()}`));
  await page.exposeFunction("violated", (what) => told.csp.push(what));
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation",
    (event) => window.violated(`${event.violatedDirective} ${event.blockedURI}`)));
  told.status = (await page.goto(url, { waitUntil: "load" })).status();
  // The first stop of the keyboard leads past the head of the page.
  await page.keyboard.press("Tab");
  told.firstStop = await page.evaluate(() => document.activeElement?.getAttribute("href"));
  await page.evaluate(() => document.activeElement?.blur());
  // Pictures further down come when they are near.
  for (const image of await page.locator("img").all()) await image.scrollIntoViewIfNeeded();
  await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode().catch(() => {}))));
  await page.evaluate(() => window.scrollTo(0, 0));
  told.pictures = await page.evaluate(() => [...document.images].map((image) => image.naturalWidth));
  await page.evaluate(axe);
  for (const [width, size] of Object.entries(WIDTHS)) {
    await page.setViewportSize(size);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await shoot(`${width}-${colorScheme}`);
      if (width === "wide") told.axe.push(...await judge(page, colorScheme === "light" ? {} : CONTRAST));
    }
    told.sideways.push(await sideways(page));
  }
  // What was folded away is a part of the page too.
  await page.evaluate(() => document.querySelectorAll("details").forEach((details) => { details.open = true; }));
  told.sideways.push(await sideways(page));
  told.axe.push(...await judge(page, {}));
  if (gains) {
    renameSync(...gains);
    await page.getByRole("button", { name: "There is news" }).waitFor();
    await shoot("news", false);
    told.hasNews = true;
  }
  return told;
}

(async () => {
  mkdirSync(shots, { recursive: true });
  // Each start has a fresh profile of its own.
  const options = { executablePath: chromium, args: FLAGS, headless: true };
  const browser = await tools("playwright-core").chromium.launch(options);
  const told = [];
  for (const asked of JSON.parse(pages)) {
    const page = await browser.newPage({ viewport: WIDTHS.wide, serviceWorkers: "block" });
    told.push(await visit(page, asked));
    await page.close();
  }
  await browser.close();
  console.log(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
