// The floor of the bench: a Worker that makes exactly the database calls that the shop makes for the same request (they
// were recorded, see record.ts), and does nothing else: no routing, no checks, no pricing, no rendering, no log.

import text from './recording.json'

const { sql, calls } = JSON.parse(text)

const statement = (db, [index, ...params]) => db.prepare(sql[index]).bind(...params)

export default {
  async fetch(request, env) {
    const url = new URL(request.url)
    const wanted = calls[`${request.method} ${url.pathname}${url.search}`]
    if (!wanted) return new Response('not recorded', { status: 404 })
    const answers = []
    for (const { batch, all } of wanted) {
      if (all) answers.push((await statement(env.DB, all).all()).results)
      else
        answers.push(
          (await env.DB.batch(batch.map(step => statement(env.DB, step)))).map(({ results }) => results),
        )
    }
    return Response.json(answers)
  },
}
