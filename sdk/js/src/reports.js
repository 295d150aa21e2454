/** What a plugin answers when it is asked about itself or its settings. Plain objects; absent fields have defaults. */

/**
 * What `validate` has to say of one key: Connect's ConfigValue.
 * @typedef {object} KeyReport
 * @property {string} name
 * @property {string[]} [errors]
 * @property {string[]} [recommendedValues]
 * @property {boolean} [visible] true, if absent
 */

/**
 * Answer to "is all well?".
 * @typedef {object} Checkup
 * @property {boolean} [reconfigureTasks] false, if absent
 * @property {number | null} [againAfterMs] never, if absent
 */

export {};
