/// The content of the page at `/`, and the script that keeps it live.
enum HomePage {
    static let markup = """
        <section id="found" hidden><h2></h2><div></div></section>
        <div class="tiles">
        <section><div class="tile-value" id="requests">–</div><div class="tile-name">requests served</div></section>
        <section><div class="tile-value" id="ratio">–</div><div class="tile-name">cache hit ratio</div></section>
        <section><div class="tile-value" id="saved">–</div><div class="tile-name">origin queries saved</div></section>
        <section><div class="tile-value" id="latency">–</div><div class="tile-name">median response time</div></section>
        </div>
        <div class="pair">
        <section><h2>Where reads are answered</h2><div id="caches"></div>
        <p class="note"><span class="key l1"></span>memory (L1)<span class="key l2"></span>store (L2)\
        <span class="key rest"></span>origin</p></section>
        <section><h2>Reads of the replay, without and with the cache</h2><div id="replay"></div>
        <p class="note" id="replay-note"></p></section>
        </div>
        <section><h2>Popular notes</h2><ul class="links" id="popular"></ul></section>
        <p class="note" id="vault"></p>
        <p class="note"><a href="/larder/">What the caches do, live</a></p>
        """

    static let script = """
        "use strict";
        const id = name => document.getElementById(name);
        const number = value => value.toLocaleString("en").replaceAll(",", "\\u202f");
        const time = ms => ms < 1 ? Math.round(ms * 1000) + " µs" : ms.toFixed(ms < 10 ? 2 : 1) + " ms";
        const percent = share => (share * 100).toFixed(share > 0.995 || share === 0 ? 0 : 1) + " %";
        const path = noteID => "/notes/" + noteID.split("/").map(encodeURIComponent).join("/");

        function element(name, properties, ...children) {
          const node = Object.assign(document.createElement(name), properties);
          node.append(...children);
          return node;
        }
        const rows = new Map();
        function row(parent, name, parts, text) {
          let entry = rows.get(parent + name);
          if (!entry) {
            const bars = parts.map(([kind]) => element("i", { className: kind }));
            const value = element("b", {});
            id(parent).append(element("div", { className: "row" }, element("span", { textContent: name }),
              element("div", { className: "bar" }, ...bars), value));
            entry = { bars, value };
            rows.set(parent + name, entry);
          }
          parts.forEach(([, share], index) => { entry.bars[index].style.width = (share * 100).toFixed(2) + "%"; });
          entry.value.textContent = text;
        }

        function showCaches(caches) {
          let reads = 0, hits = 0;
          for (const cache of caches) {
            const memory = cache.memoryHits + cache.staleHits, total = memory + cache.storeHits + cache.misses;
            reads += total;
            hits += memory + cache.storeHits;
            if (cache.name === "popular") continue;
            row("caches", cache.name, [["l1", total ? memory / total : 0], ["l2", total ? cache.storeHits / total : 0]],
              total ? percent((memory + cache.storeHits) / total) : "–");
          }
          id("ratio").textContent = reads ? percent(hits / reads) : "–";
          if (!caches.length) id("caches").textContent = "The cache is switched off.";
        }

        function showReplay(replay) {
          const { cacheOff: off, cacheOn: on } = replay;
          if (off) {
            for (const [name, key] of [["p50", "p50"], ["p99", "p99"]]) {
              const most = Math.max(off.reads[key], on ? on.reads[key] : 0) || 1;
              row("replay", name + " off", [["off", off.reads[key] / most]], time(off.reads[key]));
              if (on) row("replay", name + " on", [["l1", on.reads[key] / most]], time(on.reads[key]));
            }
          }
          const names = { cacheOff: "Replaying with the cache off", cacheOn: "Replaying with the cache on" };
          id("replay-note").textContent =
            replay.phase === "idle" ? "No replay was asked for." :
            replay.phase === "failed" ? "The replay failed; the log says why." :
            replay.phase === "done" ? number(on.requests) + " requests each: " +
              number(Math.round(off.requests / off.seconds)) + " per second without the cache, " +
              number(Math.round(on.requests / on.seconds)) + " with it." :
            names[replay.phase] + ": " + Math.round(replay.progress * 100) + " %";
        }

        async function update() {
          try {
            const stats = await (await fetch("/api/stats")).json();
            id("requests").textContent = number(stats.requests);
            id("saved").textContent = number(stats.origin.saved);
            id("latency").textContent = stats.requests ? time(stats.latency.p50) : "–";
            showCaches(stats.caches);
            showReplay(stats.replay);
            id("vault").textContent = number(stats.vault.notes) + " notes in " + stats.vault.path + " · " +
              number(stats.origin.queries) + " origin queries made" + (stats.vault.fileChanges ? " · " +
              number(stats.vault.fileChanges) + " changes of files noticed" : "");
          } catch { id("vault").textContent = "The service does not answer."; }
          setTimeout(update, 1000);
        }

        async function search(words) {
          const section = id("found");
          section.hidden = !words.trim();
          if (section.hidden) return;
          const response = await fetch("/api/search?limit=12&q=" + encodeURIComponent(words));
          const content = await response.json();
          if (id("q").value !== words) return;
          const [title, list] = section.children;
          title.textContent = !response.ok ? content.error.message :
            content.length ? "Found for “" + words + "”" : "Nothing found for “" + words + "”";
          list.replaceChildren(...(response.ok ? content : []).map(hit => {
            const link = element("a", { href: path(hit.id), textContent: hit.title });
            const snippet = element("p", {});
            // The service escapes snippets; they hold text and <mark> alone.
            snippet.innerHTML = hit.snippet;
            return element("div", { className: "hit" }, link,
              element("span", { className: "path", textContent: hit.id }), snippet);
          }));
        }

        async function showPopular() {
          const notes = await (await fetch("/api/popular")).json();
          id("popular").replaceChildren(...notes.map(note =>
            element("li", {}, element("a", { href: path(note.id), textContent: note.title }))));
        }

        let pending;
        id("q").addEventListener("input", () => {
          clearTimeout(pending);
          pending = setTimeout(() => search(id("q").value), 150);
        });
        id("q").form.addEventListener("submit", event => {
          event.preventDefault();
          search(id("q").value);
        });
        id("q").value = new URLSearchParams(location.search).get("q") ?? "";
        if (id("q").value) search(id("q").value);
        showPopular();
        update();
        """
}
