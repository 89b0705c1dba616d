/** A member to spread into an object; none when there is no value. */
export function optional<K extends string, V>(name: K, value: V | null | undefined): Partial<Readonly<Record<K, V>>> {
  return value === undefined || value === null ? {} : ({ [name]: value } as Readonly<Record<K, V>>)
}
