import type { Page } from '@tributary/contract/cloud/paging'
import type { Listed } from '@tributary/control/listing'

/** The list that was asked for: where it is, with which filters, and which page of it. */
export interface ListRequest {
  publicUrl: string
  path: string
  query: Readonly<Record<string, Parameter | readonly Parameter[]>>
  page: Page
}

type Parameter = string | number | boolean | undefined

/** The envelope of a list. Its links carry the filters; `next` is left out where nothing follows. */
export function renderList<ApiVersion extends string, Kind extends string, Row extends { id: string }, Item>(
  request: ListRequest,
  kind: { api_version: ApiVersion; kind: Kind },
  { rows, more }: Listed<Row>,
  render: (publicUrl: string, row: Row) => Item,
) {
  const last = rows.at(-1)
  return {
    ...kind,
    metadata: {
      first: link(request),
      ...(more && last !== undefined ? { next: link(request, request.page.tokenAfter(last.id)) } : {}),
    },
    data: rows.map((row) => render(request.publicUrl, row)),
  }
}

function link({ publicUrl, path, query }: Omit<ListRequest, 'page'>, pageToken?: string): string {
  const url = new URL(`${publicUrl}${path}`)
  const parameters: ListRequest['query'] = { ...query, page_token: pageToken }
  for (const [name, value] of Object.entries(parameters)) {
    for (const each of [value].flat()) if (each !== undefined) url.searchParams.append(name, String(each))
  }
  return url.href
}

/** What a list shows to those who may see nothing of it. */
export const emptyList = { rows: [], more: false }
