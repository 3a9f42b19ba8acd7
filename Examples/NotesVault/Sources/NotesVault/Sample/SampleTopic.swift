/// A field that sample notes are about, with the words to talk of it.
struct SampleTopic: Sendable {
    /// The folder of its notes, also their first tag.
    let name: String
    let subjects: [String]
    let aspects: [String]
    let actions: [String]
    let qualities: [String]
    let tags: [String]

    private init(
        _ name: String,
        subjects: String,
        aspects: String,
        actions: String,
        qualities: String,
        tags: String
    ) {
        self.name = name
        self.subjects = Self.list(subjects)
        self.aspects = Self.list(aspects)
        self.actions = Self.list(actions)
        self.qualities = Self.list(qualities)
        self.tags = Self.list(tags)
    }

    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { String($0.trimmingSpaces()) }
    }

    static let all: [SampleTopic] = [
        SampleTopic(
            "garden",
            subjects: "tomatoes, raised beds, compost heaps, rhubarb stalks, old orchards, seedlings, bean poles, "
                + "strawberries, greenhouses, cover crops, herbs, garlic bulbs, squashes, hedges, fruit trees, "
                + "wildflowers, potatoes",
            aspects: "soil, watering, spacing, frost protection, pruning, drainage, pest control, pollination, "
                + "harvest, seed saving, shade, rotation, storage, grafting",
            actions: "sow, thin, transplant, prune, water, mulch, harvest, cover, weed, label",
            qualities: "early, sheltered, stubborn, generous, fragrant, thirsty, hardy, tender, overgrown",
            tags: "spring, summer, autumn, soil, kitchen-garden, seeds"
        ),
        SampleTopic(
            "software",
            subjects: "caches, parsers, queues, schedulers, indexes, type systems, migrations, retries, protocols, "
                + "build systems, log files, feature flags, compilers, connection pools, snapshots, rate limits, "
                + "deadlines",
            aspects: "latency, invalidation, ordering, naming, backpressure, testing, throughput, ownership, "
                + "versioning, observability, memory, concurrency, rollback, durability",
            actions: "measure, simplify, profile, refactor, document, isolate, replay, batch, delete, review",
            qualities: "subtle, boring, portable, lazy, bounded, idempotent, stale, strict, composable, quick",
            tags: "swift, databases, design, performance, reading, tools"
        ),
        SampleTopic(
            "cooking",
            subjects: "sourdough loaves, miso soups, risottos, flatbreads, pickles, stocks, dumplings, roast carrots, "
                + "lentils, custards, tomato sauces, noodles, marmalades, chutneys, rye loaves, stews",
            aspects: "salt, fermentation, heat, timing, hydration, acidity, texture, resting, knife work, umami, "
                + "seasoning, balance, plating",
            actions: "knead, simmer, taste, reduce, fold, toast, rest, season, chill, whisk",
            qualities: "crisp, slow, bright, smoky, silky, sour, generous, humble, sharp, mellow",
            tags: "bread, recipes, winter, quick, fermenting, basics"
        ),
        SampleTopic(
            "astronomy",
            subjects: "Jupiter's moons, the Pleiades, binary stars, meteor showers, nebulae, sunspots, comets, star "
                + "clouds, Saturn's rings, lunar craters, variable stars, star charts, dark skies, eclipses",
            aspects: "seeing, aperture, magnitude, focus, tracking, orbit, spectrum, parallax, exposure, collimation, "
                + "distance, brightness, twilight, dew",
            actions: "observe, sketch, align, record, compare, expose, stack, point, cool, wait",
            qualities: "faint, steady, brilliant, distant, hazy, rare, crowded, patient, low",
            tags: "observing, telescope, planets, sketches, nights, optics"
        ),
        SampleTopic(
            "history",
            subjects: "canals, lighthouses, printing presses, town walls, postal roads, guilds, old maps, calendars, "
                + "market squares, ship logs, early railways, paper mills, observatories, libraries, bridges",
            aspects: "trade, correspondence, taxation, engineering, weather, kinship, language, law, craft, money, "
                + "travel, evidence, measurement, daily life",
            actions: "trace, date, translate, compare, question, visit, transcribe, map, cite, reread",
            qualities: "forgotten, local, contested, prosperous, careful, ordinary, lasting, unlikely, remote",
            tags: "archives, places, people, maps, books, nineteenth-century"
        ),
        SampleTopic(
            "music",
            subjects: "fugues, drum patterns, cello suites, folk tunes, synthesizers, chorales, string quartets, sea "
                + "shanties, scales, field recordings, lullabies, jazz standards, metronomes, harmonicas",
            aspects: "rhythm, counterpoint, tuning, phrasing, contrast, timbre, breathing, memory, improvisation, "
                + "form, silence, fingering, tempo, listening",
            actions: "practise, transcribe, hum, slow down, record, arrange, loop, listen, transpose, memorise",
            qualities: "restless, warm, hollow, syncopated, spare, playful, solemn, bright, tangled",
            tags: "practice, theory, listening, cello, recordings, rhythm"
        ),
        SampleTopic(
            "travel",
            subjects: "night trains, coastal paths, mountain huts, ferries, small museums, border towns, bicycle "
                + "routes, old harbours, hot springs, campsites, city trams, desert roads, river valleys, islands",
            aspects: "packing, map reading, weather, timing, food, budget, footwear, language, rest, luggage, sunrise, "
                + "company, solitude",
            actions: "plan, walk, pack, book, sketch, cross, wait, photograph, skip, return",
            qualities: "windy, cheap, slow, crowded, quiet, steep, unexpected, sunny, remote, friendly",
            tags: "trains, walking, packing, coast, mountains, lists"
        ),
        SampleTopic(
            "mind",
            subjects: "habits, attention spans, naps, work sessions, morning pages, checklists, quiet hours, flash "
                + "cards, open questions, reading notes, long walks, deadlines, memory palaces, conversations, days "
                + "off, plans",
            aspects: "focus, motivation, energy, feedback, friction, recall, patience, doubt, rhythm, honesty, review, "
                + "mood, environment, meaning",
            actions: "notice, schedule, review, protect, drop, repeat, write, question, shorten, share",
            qualities: "gentle, honest, fragile, deliberate, scattered, calm, urgent, steady, playful",
            tags: "learning, focus, journaling, ideas, reviews, wellbeing"
        ),
    ]
}
