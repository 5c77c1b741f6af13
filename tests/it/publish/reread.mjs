// Reads every feed of a folder with feedsmith; prints one JSON object, by file name.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [modules, folder] = process.argv.slice(2);
const entry = createRequire(`${modules}/`).resolve("feedsmith");
const { parseFeed } = await import(pathToFileURL(entry));
const seconds = (date) => (date === undefined ? null : Math.floor(Date.parse(date) / 1000));
const first = (values) => (Array.isArray(values) ? values[0] : values);
const read = {
  rss: (feed) => (feed.items ?? []).map((item) =>
    [item.guid?.value, item.link, seconds(item.pubDate), seconds(first(item.atom?.updated))]),
  atom: (feed) => (feed.entries ?? []).map((entry) =>
    [entry.id, entry.links?.find((link) => link.rel === "alternate")?.href, seconds(entry.published), seconds(entry.updated)]),
  json: (feed) => (feed.items ?? []).map((item) =>
    [item.id, item.url, seconds(item.date_published), seconds(item.date_modified)]),
};
const told = {};
for (const name of readdirSync(folder).sort()) {
  const kind = name.split(".").pop();
  try {
    const { format, feed } = parseFeed(readFileSync(`${folder}/${name}`, "utf8"));
    told[name] = { broken: format === kind ? null : `read as ${format}`, entries: read[kind](feed) };
  } catch (error) {
    told[name] = { broken: String(error), entries: [] };
  }
}
console.log(JSON.stringify(told));
