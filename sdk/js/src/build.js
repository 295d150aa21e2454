#!/usr/bin/env node
/**
 * Makes a component of classes: `watertight-build PLUGIN.js --wit WIT -o FILE`.
 *
 * The module exports a list `CLASSES`. Their roles decide which interfaces the component exports; the module that
 * exports them, and the world, are generated. Sources are copied first, for those two have to lie beside them.
 */

import { createRequire } from "node:module";
import { realpathSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { CONTRACT, Role } from "./catalogue.js";
import { withSection } from "./metadata.js";

const PACKAGE = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ENTRY = "watertight-entry.js";
const WORLD = "plugin";
const SDK = path.join("node_modules", "watertight-sdk");

/**
 * World of the contract, and what the generated module imports from `guest` and exports for each role.
 * @type {{[role: string]: {world: string, module: string, exported: string[]}}}
 */
const ROLES = {
    [Role.SOURCE]: { world: "source", module: "source", exported: ["sourceConnector", "sourceTask"] },
    [Role.SINK]: { world: "sink", module: "sink", exported: ["sinkConnector", "sinkTask"] },
    [Role.TRANSFORMATION]: { world: "transforms", module: "transformation", exported: ["transformation"] },
    [Role.PREDICATE]: { world: "predicates", module: "predicate", exported: ["predicate"] },
};

/** All that the roles need together: none of the contract's own worlds holds every mixture. @param {string[]} roles */
export function world(roles) {
    const lines = roles.map((role) => `    include watertight:connect/${ROLES[role].world}@${CONTRACT};`);
    return ["package watertight:generated;", "", `world ${WORLD} {`, ...lines, "}", ""].join("\n");
}

/** The text of the module that exports the interfaces. @param {string} plugin @param {string[]} roles */
export function entry(plugin, roles) {
    const lines = [
        `import { CLASSES } from "./${plugin}";`,
        'import { describing } from "watertight-sdk/guest/describing";',
        "export const catalogue = describing(CLASSES);",
    ];
    for (const role of roles) {
        const { module, exported } = ROLES[role];
        const names = exported.map((name) => `${name} as ${name}Of`).join(", ");
        lines.push(`import { ${names} } from "watertight-sdk/guest/${module}";`);
        lines.push(...exported.map((name) => `export const ${name} = ${name}Of(CLASSES);`));
    }
    return `${lines.join("\n")}\n`;
}

/**
 * Builds the component with its metadata.
 * @param {{plugin: string, root: string, wit: string, output: string, tools?: string}} options
 */
export async function build({ plugin, root, wit, output, tools = PACKAGE }) {
    const scratch = await mkdtemp(path.join(tmpdir(), "watertight-build-"));
    try {
        const stage = path.join(scratch, "sources");
        await stageSources(root, stage);
        const inside = path.relative(root, plugin).split(path.sep).join("/");
        const { CLASSES } = await load(path.join(stage, inside));
        if (!Array.isArray(CLASSES) || CLASSES.length === 0) {
            throw new Error(`${plugin} exports no CLASSES, a list of the classes of the plugin`);
        }
        // Of the copy, for the plugin's classes are made with that one.
        const metadata = (await load(path.join(stage, SDK, "src", "metadata.js"))).text(CLASSES);
        const roles = Object.values(Role).filter((role) => CLASSES.some((described) => described.ROLE === role));
        const contract = await stageContract(wit, path.join(scratch, "wit"), roles);
        const made = path.join(stage, ENTRY);
        await writeFile(made, entry(inside, roles));
        const component = await componentize(tools, contract, stage, made);
        const arriving = path.join(path.dirname(output), `.${path.basename(output)}.arriving`);
        await writeFile(arriving, withSection(component, metadata));
        await rename(arriving, output);
    } finally {
        await rm(scratch, { recursive: true, force: true });
    }
}

/** @param {string} file */
function load(file) {
    return import(pathToFileURL(file).href);
}

/** The plugin's sources with this package among their modules. @param {string} root @param {string} stage */
async function stageSources(root, stage) {
    const left = new Set(["tests", "test"]);
    await cp(root, stage, {
        recursive: true,
        filter: (from) => from === root || !(path.basename(from).startsWith(".") || left.has(path.basename(from))),
    });
    const here = path.join(stage, SDK);
    await rm(here, { recursive: true, force: true });
    await mkdir(here, { recursive: true });
    await cp(path.join(PACKAGE, "src"), path.join(here, "src"), { recursive: true });
    await cp(path.join(PACKAGE, "package.json"), path.join(here, "package.json"));
}

/**
 * The contract with a world of exactly these roles.
 * @param {string} wit @param {string} into @param {string[]} roles
 */
async function stageContract(wit, into, roles) {
    await cp(path.join(wit, "deps"), path.join(into, "deps"), { recursive: true });
    await mkdir(path.join(into, "deps", "connect"));
    await cp(path.join(wit, "worlds.wit"), path.join(into, "deps", "connect", "worlds.wit"));
    await writeFile(path.join(into, "world.wit"), world(roles));
    return into;
}

/** @param {string} tools @param {string} wit @param {string} stage @param {string} made */
async function componentize(tools, wit, stage, made) {
    let found;
    try {
        found = createRequire(path.join(tools, "package.json")).resolve("componentize-qjs");
    } catch {
        throw new Error(`componentize-qjs is missing in ${tools}: npm ci`);
    }
    const { default: tool } = await load(found);
    const options = {
        witPath: wit,
        world: WORLD,
        jsSource: await readFile(made, "utf8"),
        jsPath: made,
        moduleRoot: stage,
    };
    const { component } = await tool.componentize({ ...options, sync: true });
    return component;
}

const OPTIONS = /** @type {const} */ ({
    root: { type: "string" },
    wit: { type: "string" },
    output: { type: "string", short: "o" },
    tools: { type: "string" },
});

const USAGE = `usage: watertight-build PLUGIN.js --wit WIT -o FILE [--root FOLDER] [--tools FOLDER]
  PLUGIN.js  exports CLASSES
  --wit      folder of the contract
  --root     folder of its sources (default: that of PLUGIN.js)
  --tools    folder in whose node_modules componentize-qjs is (default: this package's)`;

async function main() {
    const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
    if (positionals.length !== 1 || !values.wit || !values.output) {
        throw new Error(USAGE);
    }
    const plugin = path.resolve(positionals[0]);
    await build({
        plugin,
        root: path.resolve(values.root ?? path.dirname(plugin)),
        wit: path.resolve(values.wit),
        output: path.resolve(values.output),
        tools: values.tools === undefined ? undefined : path.resolve(values.tools),
    });
}

// npm calls it over a symbolic link.
if (process.argv[1] !== undefined && fileURLToPath(import.meta.url) === realpathSync(process.argv[1])) {
    main().catch((error) => {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    });
}
