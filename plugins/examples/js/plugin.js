/** What the component holds. */

import { Fibonacci } from "./fibonacci.js";
import { FieldMatches } from "./field-matches.js";
import { LogLines } from "./log-lines.js";
import { Template } from "./template.js";

export const CLASSES = [Fibonacci, LogLines, Template, FieldMatches];
