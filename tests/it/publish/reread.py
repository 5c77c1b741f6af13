"""Reads every feed of a folder with feedparser; prints one JSON object, by file name."""
import calendar, json, os, sys
import feedparser

def seconds(time):
    return None if time is None else calendar.timegm(time)

told = {}
for name in sorted(os.listdir(sys.argv[1])):
    if name.endswith((".rss", ".atom")):
        with open(os.path.join(sys.argv[1], name), "rb") as file:
            feed = feedparser.parse(file.read())
        told[name] = {
            "broken": str(feed.get("bozo_exception")) if feed.bozo else None,
            "entries": [
                [entry.get("id"), entry.get("link"), seconds(entry.get("published_parsed")),
                 seconds(entry.get("updated_parsed"))]
                for entry in feed.entries
            ],
        }
print(json.dumps(told))
