const namesOf = (shared: object) => Object.getOwnPropertyNames(shared).map((name) => name.toLowerCase());
const OF_OBJECTS = new Set(['prototype', ...namesOf(Object.prototype)]);
const OF_LISTS = new Set([...OF_OBJECTS, ...namesOf(Array.prototype)]);

const partsOf = (name: string) => name.toLowerCase().split(/[.:]/);

/** Whether a name, or a part of it, is that of a member which every object has: writing there would change what the process shares. */
export const isOfEveryObject = (name: string): boolean => partsOf(name).some((part) => OF_OBJECTS.has(part));

/** The same of objects and lists, for where the library looks a name up in what it has found. */
export const isOfEveryObjectOrList = (name: string): boolean => partsOf(name).some((part) => OF_LISTS.has(part));
