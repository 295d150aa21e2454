/** Named options, of which a misspelt one is an error rather than ignored. */

/**
 * @template {Record<string, unknown>} T
 * @param {string} what whose options these are
 * @param {T} defaults all there are
 * @param {Record<string, unknown>} given
 * @returns {T}
 */
export function withDefaults(what, defaults, given) {
    for (const name of Object.keys(given)) {
        if (!Object.hasOwn(defaults, name)) {
            throw new TypeError(`${what} has no option ${name}, only ${Object.keys(defaults).join(", ")}`);
        }
    }
    const set = Object.entries(given).filter(([, value]) => value !== undefined);
    return { ...defaults, ...Object.fromEntries(set) };
}
