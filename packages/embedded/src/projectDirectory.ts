import path from 'node:path'

/** The checkout that this installation runs from. */
export const projectDirectory = path.resolve(import.meta.dirname, '../../..')

/** What set-up builds once for every installation of this checkout. */
export const runtimeDirectory = path.join(projectDirectory, '.runtime')
