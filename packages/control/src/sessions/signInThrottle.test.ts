import { describe, expect, it } from 'vitest'
import { SignInThrottle } from './signInThrottle.ts'

function throttleAt(start: number) {
  let now = start
  const throttle = new SignInThrottle({ now: () => new Date(now) })
  const fail = (email = 'a@example.com', address = '10.0.0.1') => throttle.begin(email, address)
  return { fail, pass: (ms: number) => (now += ms) }
}
const tooEarly = (seconds: number) => expect.objectContaining({ status: 429, retryAfterSeconds: seconds })

describe('whoever guesses a password waits longer and longer', () => {
  it('lets five attempts pass and then doubles the wait', () => {
    const { fail, pass } = throttleAt(1000)
    for (let attempt = 0; attempt < 5; attempt++) fail()
    expect(() => fail()).toThrow(tooEarly(2))
    pass(2000)
    fail()
    expect(() => fail()).toThrow(tooEarly(4))
    pass(3001)
    expect(() => fail()).toThrow(tooEarly(1))
  })

  it('never asks for more than five minutes, and forgets after a quarter of an hour', () => {
    const { fail, pass } = throttleAt(0)
    for (let attempt = 0; attempt < 20; attempt++) {
      fail()
      pass(300_000)
    }
    fail()
    expect(() => fail()).toThrow(tooEarly(300))
    pass(900_000)
    for (let attempt = 0; attempt < 5; attempt++) fail()
  })

  it('counts an e-mail address from each network address by itself, whatever its case', () => {
    const { fail } = throttleAt(0)
    for (let attempt = 0; attempt < 5; attempt++) fail()
    expect(() => fail('A@EXAMPLE.com')).toThrow(tooEarly(2))
    fail('a@example.com', '10.0.0.2')
    fail('b@example.com')
  })

  it('forgets the failures after a success', () => {
    const { fail } = throttleAt(0)
    for (let attempt = 0; attempt < 4; attempt++) fail()
    fail().succeeded()
    for (let attempt = 0; attempt < 5; attempt++) fail()
    expect(() => fail()).toThrow(tooEarly(2))
  })
})
