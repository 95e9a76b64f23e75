import type { ObjectExpression, ObjectProperty } from 'oxc-parser';

/** The property of an object literal that has this name, as a method or shorthand too. */
export function propertyOf({ properties }: ObjectExpression, name: string): ObjectProperty | undefined {
  return properties.find(
    (property): property is ObjectProperty =>
      property.type === 'Property' &&
      ((property.key.type === 'Identifier' && property.key.name === name) ||
        (property.key.type === 'Literal' && property.key.value === name)),
  );
}
