// Drives the whole of kafka-connect-client, from npm, against a worker.
//
// Usage: connect_client.cjs MODULES URL FILE. Ends with an error at the first answer that is not what the client
// promises, and if one of its methods was not used.

const assert = require("node:assert");
const path = require("node:path");

const [modules, url, file] = process.argv.slice(2);
// Left alone it calls an empty body a form, which Kafka Connect takes from nobody.
const axios = require(path.join(modules, "axios"));
for (const method of ["post", "put"]) axios.defaults.headers[method]["Content-Type"] = "application/json";
const { KafkaConnectClient } = require(path.join(modules, "kafka-connect-client"));

const name = "npm-source";
const config = { "connector.class": "FileStreamSource", "tasks.max": 1, file, topic: "npm-lines" };
const used = new Set();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const noting = (thing) =>
  new Proxy(thing, {
    get(target, key) {
      const value = target[key];
      if (typeof value !== "function") return value;
      used.add(`${target.constructor.name}.${String(key)}`);
      const call = value.bind(target);
      return (...given) => {
        const result = call(...given);
        return target instanceof KafkaConnectClient && key === "connector" ? noting(result) : result;
      };
    },
  });

async function soon(what, check) {
  let seen;
  for (let i = 0; i < 300; i++) {
    seen = (await what()).data;
    if (check(seen)) return seen;
    await pause(100);
  }
  assert.fail(JSON.stringify(seen));
}

async function main() {
  const place = new URL(url);
  const client = noting(new KafkaConnectClient({ host: place.hostname, port: Number(place.port) }));
  assert.ok((await client.getCluster()).data.kafka_cluster_id);
  assert.ok(!(await client.getConnectors()).data.includes(name));
  const plugins = (await client.getConnectorPlugins({ connectorsOnly: false })).data;
  assert.ok(plugins.some((plugin) => plugin.type === "transformation"));
  assert.ok((await client.getConnectorPlugins()).data.every((plugin) => ["sink", "source"].includes(plugin.type)));
  assert.equal((await client.validateConnectorConfig("FileStreamSource", { name, ...config })).data.error_count, 0);

  assert.equal((await client.createConnector(name, config)).status, 201);
  assert.equal((await client.createConnector(name, config).catch((e) => e.response)).status, 409);
  const connector = client.connector(name);
  const is = (state) =>
    soon(
      () => connector.getStatus(),
      (now) => now.connector.state === state && now.tasks.length === 1 && now.tasks[0].state === state,
    );
  await is("RUNNING");
  assert.equal((await connector.get()).data.type, "source");
  // A number in the request is a string in the answer.
  assert.equal((await connector.getConfig()).data["tasks.max"], "1");
  assert.equal((await connector.getTasks()).data[0].config.file, file);
  assert.equal((await connector.getTaskStatus(0)).data.state, "RUNNING");
  assert.equal((await connector.restartTask(0)).status, 204);
  await is("RUNNING");
  const topics = async () => ({ data: (await (await fetch(`${url}/connectors/${name}/topics`)).json())[name].topics });
  await soon(topics, (inUse) => inUse.includes("npm-lines"));
  // It reads the answer as an object before it has been parsed, and fails with any worker.
  await assert.rejects(connector.getTopics(), TypeError);
  const expanded = (await client.getConnectors({ expand: "status" })).data;
  assert.equal(expanded[name].status.connector.state, "RUNNING");

  assert.equal((await connector.pause()).status, 202);
  await is("PAUSED");
  assert.equal((await connector.resetTopics()).status, 202);
  assert.deepEqual((await topics()).data, []);
  assert.equal((await connector.resume()).status, 202);
  await is("RUNNING");
  // It puts its options into the body, where nobody reads them.
  assert.equal((await connector.restart({ includeTasks: true })).status, 204);
  assert.equal((await connector.restart()).status, 204);
  await is("RUNNING");

  assert.equal((await connector.updateConfig({ ...config, "batch.size": 10 })).status, 200);
  assert.equal((await connector.create({ ...config, "batch.size": 11 })).data.config["batch.size"], "11");
  await is("RUNNING");
  assert.equal((await connector.stop()).status, 204);
  const offsets = [{ partition: { filename: file }, offset: { position: 0 } }];
  assert.ok((await connector.alterOffsets(offsets)).data.message.includes("altered"));
  assert.deepEqual((await connector.getOffsets()).data, { offsets });
  assert.ok((await connector.resetOffsets()).data.message.includes("reset"));
  assert.deepEqual((await connector.getOffsets()).data, { offsets: [] });
  assert.equal((await connector.delete()).status, 204);
  assert.equal((await connector.get().catch((e) => e.response)).data.error_code, 404);

  for (const thing of [client, connector]) {
    const kind = Object.getPrototypeOf(thing);
    const methods = Object.getOwnPropertyNames(kind);
    for (const method of [...methods, ...Object.keys(thing).filter((key) => key === "create")]) {
      const full = `${kind.constructor.name}.${method}`;
      assert.ok(method === "constructor" || used.has(full), `${full} was not used`);
    }
  }
  console.log(`${used.size} methods`);
}

main().catch((error) => {
  console.error(error.response ? JSON.stringify(error.response.data) : "", error);
  process.exit(1);
});
