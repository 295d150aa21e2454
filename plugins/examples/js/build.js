/**
 * Builds `js-example.wasm` into the folder given as first argument. Everything else it writes is below target/.
 *
 * The tools go into a folder of their own, and npm's cache beside them. Nothing is done twice: the component is built
 * again only when its sources or the tools have changed.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.resolve(HERE, "..", "..", "..");
const TARGET = path.resolve(process.env.WATERTIGHT_TARGET || path.join(ROOT, "target"), "js");
const TOOLS = path.join(TARGET, "tools");
const STAGE = path.join(TARGET, "stage");
const SDK = path.join(ROOT, "sdk", "js");
const WIT = path.join(ROOT, "wit");
const TOOLS_FILES = ["package.json", "package-lock.json", ".npmrc"];
const NAME = "js-example.wasm";
const OLDEST_NODE = 20;
/** Default of the worker's sandbox.component.bytes. */
const LARGEST = 64 << 20;

/** All that a tool said, then one line that can stand alone. */
class Stopped extends Error {}

/** One line a step. */
function say(step) {
    console.log(`js example: ${step}`);
}

/** Runs a tool quietly; its output is shown if it fails. */
function run(what, folder, command, ...words) {
    const env = { ...process.env, TMPDIR: TARGET };
    // A test runner within a test runner would report to the outer one.
    delete env.NODE_TEST_CONTEXT;
    const done = spawnSync(command, words, { cwd: folder, env, encoding: "utf8", shell: process.platform === "win32" });
    if (done.error || done.status !== 0) {
        throw new Stopped(`${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}\n${what}`.trimStart());
    }
}

function read(file) {
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : null;
}

/** Installs what the lock file says, unless it is installed already. */
function tools() {
    const wanted = TOOLS_FILES.map((name) => read(path.join(SDK, name))).join("\n");
    const stamp = path.join(TOOLS, "installed");
    if (read(stamp) === wanted) {
        return;
    }
    say(`installing the tools into ${TOOLS}`);
    fs.rmSync(TOOLS, { recursive: true, force: true });
    fs.mkdirSync(TOOLS, { recursive: true });
    for (const name of TOOLS_FILES) {
        fs.copyFileSync(path.join(SDK, name), path.join(TOOLS, name));
    }
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel", "error"];
    const cache = ["--cache", path.join(TARGET, "npm-cache")];
    run(
        "cannot install componentize-qjs with npm; is a package registry within reach?",
        TOOLS,
        "npm",
        "ci",
        ...options,
        ...cache,
    );
    fs.writeFileSync(stamp, wanted);
}

/** All that the component depends on. */
function sources() {
    const under = (folder, ...ends) =>
        fs
            .readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile() && ends.some((end) => entry.name.endsWith(end)))
            .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))
            .filter((file) => !file.includes(`${path.sep}node_modules${path.sep}`));
    return [...under(SDK, ".js", ".json"), ...under(HERE, ".js", ".json"), ...under(WIT, ".wit")].sort();
}

/** Of everything the component is made of. */
function fingerprint() {
    const hash = createHash("sha256");
    for (const file of sources()) {
        const content = fs.readFileSync(file);
        hash.update(`${path.relative(ROOT, file)} ${content.length}\n`).update(content);
    }
    return hash.digest("hex");
}

/** The example with the SDK among its modules, as npm would install it: nothing is written into the source tree. */
function stage() {
    fs.rmSync(STAGE, { recursive: true, force: true });
    fs.cpSync(HERE, STAGE, { recursive: true, filter: (from) => path.basename(from) !== "node_modules" });
    const sdk = path.join(STAGE, "node_modules", "watertight-sdk");
    fs.mkdirSync(sdk, { recursive: true });
    fs.cpSync(path.join(SDK, "src"), path.join(sdk, "src"), { recursive: true });
    fs.copyFileSync(path.join(SDK, "package.json"), path.join(sdk, "package.json"));
}

/** Runs the tests in this folder. */
function test(folder) {
    const tests = path.join(folder, "tests");
    const files = fs.readdirSync(tests).filter((name) => name.endsWith(".test.js"));
    run("the unit tests failed", folder, "node", "--test", ...files.map((name) => path.join(tests, name)));
}

/** Builds it, unless it is built. */
function component() {
    const built = path.join(TARGET, NAME);
    const stamp = path.join(TARGET, "fingerprint");
    const wanted = fingerprint();
    if (fs.existsSync(built) && read(stamp) === wanted) {
        return built;
    }
    fs.rmSync(stamp, { force: true });
    say("testing the classes");
    test(SDK);
    stage();
    test(STAGE);
    say("building the component");
    const words = [path.join(SDK, "src", "build.js"), path.join(STAGE, "plugin.js"), "--wit", WIT, "--tools", TOOLS];
    run("the component cannot be built", STAGE, "node", ...words, "-o", built);
    const { size } = fs.statSync(built);
    if (size > LARGEST) {
        throw new Stopped(`${built} has ${size} bytes, more than a worker takes (${LARGEST})`);
    }
    fs.writeFileSync(stamp, wanted);
    return built;
}

/** Replaces the file in one step: a worker may be watching the folder. */
function install(built, folder) {
    const placed = path.join(folder, NAME);
    const content = fs.readFileSync(built);
    if (fs.existsSync(placed) && content.equals(fs.readFileSync(placed))) {
        return;
    }
    const arriving = path.join(folder, `.${NAME}.arriving`);
    fs.writeFileSync(arriving, content);
    fs.renameSync(arriving, placed);
    say(`${placed} (${content.length >> 10} KiB)`);
}

/** The command. */
function main() {
    if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
        throw new Stopped(`Node.js ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}`);
    }
    if (process.argv.length !== 3) {
        throw new Stopped("usage: build FOLDER");
    }
    const folder = path.resolve(process.argv[2]);
    fs.mkdirSync(folder, { recursive: true });
    fs.mkdirSync(TARGET, { recursive: true });
    tools();
    install(component(), folder);
}

try {
    main();
} catch (error) {
    console.error(error instanceof Stopped ? error.message : error);
    process.exitCode = 1;
}
