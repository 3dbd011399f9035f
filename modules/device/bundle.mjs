// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * TypeScript modules put together into one CommonJS script per device module.
 *
 * Files that a required module contains already are not repeated: what is needed of them becomes
 * an additional export of that module, and is taken from there into constants, since a class can
 * extend a plain name only.
 */
import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { rollup } from "rollup";
import ts from "typescript";

/**
 * @typedef {object} Entry A device module.
 * @property {string} name As in `require(name)`.
 * @property {string} source The TypeScript file whose exports it has.
 * @property {string[]} requires Modules that it gets by `require`; they stand before it.
 */

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {string} code Not minified.
 * @property {(line: number, column: number) => string} place Where a place in the code comes
 *   from, as `file:line:column`.
 */

/** Only constants, which belong where they are used; never taken from another module. */
const CONSTANTS = /\.gen\.ts$/;

/** Stands for the source of a module together with what others need of its files. */
const ENTRY = "\0entry:";

/** Marks a file of another module, as something that is no path. */
const SHARED = "shared:";

/**
 * @param {string} root Paths are from there.
 * @param {Entry[]} entries
 * @returns {Promise<Bundle[]>} In the order of the entries.
 */
export async function bundle(root, entries) {
    const owners = await findOwners(root, entries);
    const wanted = await findWanted(root, entries, owners);
    return Promise.all(entries.map((entry) => write(root, entry, owners, wanted)));
}

/**
 * Which module contains which file: the first that needs it.
 * @param {string} root
 * @param {Entry[]} entries
 * @returns {Promise<Map<string, string>>} Module names by file.
 */
async function findOwners(root, entries) {
    /** @type {Map<string, string>} */
    const owners = new Map();
    for (const { name, source } of entries) {
        /** @type {Set<string>} */
        const files = new Set();
        const plugins = [compile(files)];
        await (await rollup({ ...INPUT, input: resolve(root, source), plugins })).close();
        for (const file of files) {
            owners.set(file, owners.get(file) ?? name);
        }
    }
    return owners;
}

/**
 * What modules take from the files of other modules.
 * @param {string} root
 * @param {Entry[]} entries
 * @param {Map<string, string>} owners
 * @returns {Promise<Map<string, Set<string>>>} Names by file.
 */
async function findWanted(root, entries, owners) {
    /** @type {Map<string, Set<string>>} */
    const wanted = new Map();
    for (const entry of entries) {
        const input = resolve(root, entry.source);
        const plugins = [takeShared(entry, owners), compile()];
        const build = await rollup({ ...INPUT, input, plugins });
        const { output } = await build.generate({ format: "es" });
        for (const [id, names] of Object.entries(output[0].importedBindings)) {
            const file = id.slice(SHARED.length);
            wanted.set(file, new Set([...(wanted.get(file) ?? []), ...names]));
        }
        await build.close();
    }
    return wanted;
}

/**
 * @param {string} root
 * @param {Entry} entry
 * @param {Map<string, string>} owners
 * @param {Map<string, Set<string>>} wanted
 * @returns {Promise<Bundle>}
 */
async function write(root, entry, owners, wanted) {
    const source = resolve(root, entry.source);
    const lines = [`export * from ${JSON.stringify(source)};`];
    for (const [file, names] of wanted) {
        if (file !== source && owners.get(file) === entry.name) {
            const list = [...names].sort().join(", ");
            lines.push(`export { ${list} } from ${JSON.stringify(file)};`);
        }
    }
    const build = await rollup({
        ...INPUT,
        input: ENTRY + entry.name,
        plugins: [
            virtualEntry(lines.join("\n")),
            takeShared(entry, owners, wanted),
            compile(),
        ],
    });
    const { output } = await build.generate({ ...OUTPUT, file: resolve(root, `${entry.name}.js`) });
    await build.close();
    const { code, map } = output[0];
    return { name: entry.name, code, place: placeFinder(root, /** @type {object} */ (map)) };
}

/** @type {import("rollup").RollupOptions} */
const INPUT = {
    treeshake: { propertyReadSideEffects: false },
    onwarn(warning) {
        throw new Error(warning.message);
    },
};

/** Plain CommonJS: exports assigned after their definitions, and nothing else. */
const OUTPUT = /** @type {const} */ ({
    format: "cjs",
    exports: "named",
    strict: false,
    esModule: false,
    interop: "esModule",
    externalLiveBindings: false,
    freeze: false,
    sourcemap: true,
    generatedCode: { preset: "es5", objectShorthand: true },
});

/**
 * @param {string} code
 * @returns {import("rollup").Plugin}
 */
function virtualEntry(code) {
    return {
        name: "entry",
        resolveId: (id) => (id.startsWith(ENTRY) ? id : null),
        load: (id) => (id.startsWith(ENTRY) ? code : null),
    };
}

/**
 * Takes files of the required modules from there.
 * @param {Entry} entry
 * @param {Map<string, string>} owners
 * @param {Map<string, Set<string>>} [wanted] Left out while this is to be found.
 * @returns {import("rollup").Plugin}
 */
function takeShared(entry, owners, wanted) {
    return {
        name: "require",
        resolveId(specifier, importer) {
            if (entry.requires.includes(specifier)) {
                return { id: specifier, external: true };
            }
            if (importer === undefined || importer.startsWith(ENTRY)) {
                return null;
            }
            const file = resolve(dirname(importer), specifier);
            const shared = entry.requires.includes(owners.get(file) ?? "");
            return shared ? { id: SHARED + file, external: wanted === undefined } : null;
        },
        load(id) {
            if (wanted === undefined || !id.startsWith(SHARED)) {
                return null;
            }
            const file = id.slice(SHARED.length);
            const names = [...(wanted.get(file) ?? [])];
            const constants = names.map((name) => `export const ${name} = owner.${name};`);
            const module = JSON.stringify(owners.get(file));
            return [`import * as owner from ${module};`, ...constants].join("\n");
        },
    };
}

/**
 * Compiles TypeScript file by file; types are checked elsewhere.
 * @param {Set<string>} [files] Gets the names of the files that others can share.
 * @returns {import("rollup").Plugin}
 */
function compile(files) {
    return {
        name: "typescript",
        load: (id) => (isFile(id) ? readFileSync(id, "utf8") : null),
        transform(code, id) {
            if (!isFile(id)) {
                return null;
            }
            if (!CONSTANTS.test(id)) {
                files?.add(id);
            }
            const { outputText, sourceMapText } = ts.transpileModule(code, {
                fileName: id,
                compilerOptions: {
                    target: ts.ScriptTarget.ES2015,
                    module: ts.ModuleKind.ESNext,
                    verbatimModuleSyntax: true,
                    useDefineForClassFields: false,
                    removeComments: true,
                    sourceMap: true,
                },
            });
            const text = outputText.replace(/\/\/# sourceMappingURL=.*\n?$/, "");
            return { code: text, map: JSON.parse(sourceMapText ?? "{}") };
        },
    };
}

/** @param {string} id */
function isFile(id) {
    return id.endsWith(".ts") && !id.startsWith(SHARED);
}

/**
 * @param {string} root
 * @param {object} map
 * @returns {Bundle["place"]}
 */
function placeFinder(root, map) {
    const sources = new SourceMap(/** @type {import("node:module").SourceMapPayload} */ (map));
    return (line, column) => {
        const entry = sources.findEntry(line - 1, column - 1);
        if (!("originalSource" in entry)) {
            return `generated code:${line}:${column}`;
        }
        const file = relative(root, resolve(root, entry.originalSource));
        return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    };
}
