/** Loaded before a program (`--import`): its clock is off by CLOCK_OFF_BY_MS. */
const offByMs = Number(process.env['CLOCK_OFF_BY_MS'] ?? 0)
const RealDate = Date

globalThis.Date = new Proxy(RealDate, {
  construct: (_, args: unknown[]) =>
    Reflect.construct(RealDate, args.length === 0 ? [RealDate.now() + offByMs] : args) as Date,
  apply: () => new RealDate(RealDate.now() + offByMs).toString(),
  get: (target, name) => (name === 'now' ? () => RealDate.now() + offByMs : (Reflect.get(target, name) as unknown)),
})
