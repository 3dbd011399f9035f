// SPDX-License-Identifier: Apache-2.0
/** What is generated from the C headers, and the sentences in them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { ALERTS, ERRORS, FLAGS } from "../modules/errors.gen.ts";
import { failure } from "../modules/errors.ts";
import { loadCore } from "../wasm/loader.ts";
import { makeMemory } from "../wasm/memory.ts";
import { PORT } from "./support/abi.ts";
import { converse, openCore } from "./support/core.ts";
import { projectFolder } from "./support/pki.ts";

const root = projectFolder();
const read = (name: string): string => readFileSync(join(root, name), "utf8");
const entries = Object.entries(ERRORS).map(([code, entry]) => {
    const [name, sentence] = entry!;
    return { code: Number(code), name, sentence };
});

/** The {places} of a sentence. */
const placesOf = (sentence: string): string[] =>
    [...sentence.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]!);

describe("what is generated", () => {
    it("is up to date", () => {
        const script = join(root, "native/tools/generate.mjs");
        execFileSync(process.execPath, [script, "--check"], { stdio: "inherit" });
    });

    it("entries: declared in etls.h, exported by the module, numbered in order", async () => {
        const header = read("native/include/etls.h");
        const listed = [...header.matchAll(/^ {4}ENTRY\((\w+)\)/gm)].map((match) => `etls_${match[1]}`);
        const declared = [...header.matchAll(/^int32_t (etls_\w+)\(etls_core \*/gm)].map((m) => m[1]);
        assert.ok(listed.length > 20);
        assert.deepEqual([...listed], abi.ENTRY_NAMES);
        assert.deepEqual([...listed].sort(), [...declared].sort());
        const module = (await loadCore(makeMemory(8192, 0), PORT)) as unknown as Record<string, unknown>;
        for (const name of listed) assert.equal(typeof module[`_${name}`], "function", name);
        const numbers: Record<string, unknown> = { ...abi };
        listed.forEach((name, number) => {
            assert.equal(numbers[name.replace("etls_", "ENTRY_").toUpperCase()], number);
        });
    });

    it("entries take at most four values, as every host can hand them over", () => {
        const declarations = read("native/include/etls.h").matchAll(/^int32_t etls_\w+\(([^;]*)\);/gm);
        for (const [text, parameters] of declarations) {
            assert.ok((parameters ?? "").split(",").length <= 4, text);
        }
    });

    it("the enums' values are all there", () => {
        const numbers: Record<string, unknown> = { ...abi };
        for (const [, body] of read("native/include/etls.h").matchAll(/enum etls_\w+ \{([^}]+)\}/g)) {
            for (const [, name, value] of (body ?? "").matchAll(/\bETLS_(\w+) = (\d+)/g)) {
                assert.equal(numbers[name!], Number(value), name);
            }
        }
    });

    it("error codes and names are unique, negative and not taken for an alert", () => {
        assert.ok(entries.length > 60);
        assert.equal(new Set(entries.map(({ name }) => name)).size, entries.length);
        for (const { code, name } of entries) {
            assert.ok(code < 0 && code > -1000, name);
            assert.match(name, /^[A-Z][A-Z0-9_]+$/);
        }
        const rows = read("native/include/etls_errors.h").match(/ETLS_ERROR\([A-Z]/g);
        assert.equal(rows?.length, entries.length, "each row of the header");
        assert.equal(new Set(FLAGS.map(([name]) => name)).size, FLAGS.length);
        assert.equal(new Set(FLAGS.map(([, bit]) => bit)).size, FLAGS.length);
    });

    it("alerts that errors send are alerts that exist", () => {
        const rows = read("native/include/etls_errors.h").matchAll(/ETLS_ERROR\((\w+), (-\d+), (-?\d+)/g);
        for (const [, name, , alert] of rows) {
            assert.ok(alert === "-1" || ALERTS[Number(alert)], `${name} sends ${alert}`);
        }
    });
});

describe("error sentences", () => {
    it("are sentences: what happened, in one line", () => {
        for (const { name, sentence } of entries) {
            assert.match(sentence, /^[a-z{A-Z]/, name);
            assert.doesNotMatch(sentence, /\n|[.!]$| {2}/, name);
            assert.equal(sentence.split("{").length, sentence.split("}").length, name);
        }
    });

    it("every {place} is one that some code fills in", () => {
        // A value is given by its name: { host: … }, { host }, values["san"], "subject issuer san".
        const sources = readdirSync(join(root, "modules"))
            .filter((name) => name.endsWith(".ts") && !name.endsWith(".gen.ts"))
            .map((name) => read(`modules/${name}`))
            .concat(read("wasm/binding.ts"), read("wasm/browser.ts"), read("wasm/host.ts"))
            .join("\n");
        for (const { name, sentence } of entries) {
            for (const place of placesOf(sentence)) {
                const given = new RegExp(
                    `"[a-zA-Z ]*\\b${place}\\b[a-zA-Z ]*"|[{,] ?${place}[:, }]|^ +${place}[:,]`, "m",
                );
                assert.match(sources, given, `{${place}} of ${name}`);
            }
        }
    });

    it("are filled in, whatever the values hold", () => {
        for (const { code, sentence } of entries) {
            const values = Object.fromEntries(placesOf(sentence).map((place) => [place, `<{${place}}>`]));
            const { message } = failure(code, values);
            for (const place of placesOf(sentence)) assert.ok(message.includes(`<{${place}}>`), message);
            assert.doesNotMatch(message, /unknown(?! option| error)/);
        }
    });

    it("say how many handles a core has", async () => {
        const core = await openCore();
        const contexts = Array.from({ length: 81 }, () => core.tls.createSecureContext({ ca: [] }));
        const errors = await Promise.all(contexts.map(async (secureContext) => {
            const { error } = await converse(core, { port: 1, secureContext });
            return error;
        }));
        assert.equal(errors[0]?.code, "ETLS_NO_TRUST_ANCHOR");
        assert.equal(errors[80]?.code, "ETLS_TOO_MANY_HANDLES");
        assert.match(errors[80]?.message ?? "", /: 80 are allowed/);
        core.close();
    });

    it("docs/ERRORS.md has each error with cause and cure, those that JavaScript alone raises too", () => {
        const manual = read("docs/ERRORS.md");
        const sources = ["modules", "cli", "wasm"].flatMap((folder) =>
            readdirSync(join(root, folder)).filter((name) => /(?<!\.gen)\.ts$/.test(name)).map((name) => read(`${folder}/${name}`)));
        const raised = sources.flatMap((text) => [
            ...[...text.matchAll(/makeError\(\s*"(ETLS_\w+)"/g)].map((match) => match[1]!),
            ...[...text.matchAll(/httpError\(\s*"(\w+)"/g)].map((match) => `ETLS_HTTP_${match[1]}`),
        ]).filter((name) => !name.endsWith("_"));
        assert.ok(raised.includes("ETLS_HTTP_SYNTAX") && raised.includes("ETLS_NOT_BYTES"));
        for (const name of [...raised, ...entries.map((entry) => `ETLS_${entry.name}`)]) {
            const [, chapter = ""] = manual.split(`### ${name}\n`);
            assert.match(chapter, /^(\n- (?!Cause).*)*\n+- Cause: \S.*\.\n- Cure: \S.*[.`]\n/, name);
        }
        const listed = [...manual.matchAll(/^### ETLS_(\w+)$/gm)].map((match) => match[1]!);
        assert.equal(new Set(listed).size, listed.length, "no chapter twice");
        for (const [number, alert] of Object.entries(ALERTS)) assert.ok(manual.includes(`| ${number} | \`ETLS_ALERT_${alert?.[0]}\` |`));
    });

    it("an alert of the peer has its name and hint; one that nobody knows its number", () => {
        const { code, message, errno } = failure(-1048, {});
        assert.equal(code, "ETLS_ALERT_UNKNOWN_CA");
        assert.equal(errno, -1048);
        assert.match(message, /alert 48 \(unknown_ca\): it does not know who issued/);
        assert.equal(failure(-1200, {}).code, "ETLS_ALERT_200");
        assert.equal(failure(-999, {}).code, "ETLS_UNKNOWN");
    });
});
