/** A list that is whole: `path` is that of its request. */
export const renderList = <const Kind extends string, Item>(
  kind: Kind,
  publicUrl: string,
  path: string,
  data: Item[],
) => ({ kind, metadata: { self: `${publicUrl}${path}`, next: null }, data })
