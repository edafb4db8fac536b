import json, sys, time, os
from confluent_kafka import Producer
spec = json.load(open(sys.argv[1]))
rounds, records = int(sys.argv[2]), int(sys.argv[3])
payload = os.urandom(1000)
def tids(pid):
    d={}
    for t in os.listdir(f'/proc/{pid}/task'):
        try: d[t]=int(open(f'/proc/{pid}/task/{t}/schedstat').read().split()[0])/1e6
        except Exception: pass
    return d
acc={}
def cpu(pid):
    tot = 0
    for t in os.listdir(f'/proc/{pid}/task'):
        try: tot += int(open(f'/proc/{pid}/task/{t}/schedstat').read().split()[0])
        except Exception: pass
    return tot/1e6
ps = {}
for n, s in spec.items():
    ps[n] = Producer({'bootstrap.servers': s['bootstrap'], 'security.protocol':'SASL_SSL','sasl.mechanisms':'PLAIN','sasl.username':s['id'],'sasl.password':s['secret'],'ssl.ca.location':s['ca'],'acks':1,'linger.ms':5,'batch.size':16384,'queue.buffering.max.messages':100000})
def go(n):
    p = ps[n]; errs = []
    c = tids(spec[n]['pid']); t = time.perf_counter()
    i = 0
    while i < records:
        try: p.produce('throughput', payload); i += 1
        except BufferError: p.poll(0.01)
        if i % 500 == 0: p.poll(0)
    p.flush()
    d = time.perf_counter() - t
    e = tids(spec[n]['pid']); a = acc.setdefault(n, {})
    if live:
        for k in e: a[k] = a.get(k,0) + e[k]-c.get(k,0)
    return records/d, (sum(e.values())-sum(c.values()))/records*1000
names = list(spec)
out = {n: [] for n in names}
for r in range(-int(sys.argv[4]) , rounds):
    for n in (names if r % 2 == 0 else names[::-1]):
        live = r >= 0; v = go(n)
        if r >= 0: out[n].append(v)
import statistics as st
base = names[1]
for n in names:
    tp = [a for a,_ in out[n]]; c = [b for _,b in out[n]]
    rt = sorted(a/b for (a,_),(b,_) in zip(out[n], out[base])); rc = sorted(a/b for (_,a),(_,b) in zip(out[n], out[base]))
    import math
    se = st.pstdev([math.log(x) for x in rt])/math.sqrt(len(rt)); sec = st.pstdev([math.log(x) for x in rc])/math.sqrt(len(rc))
    print(n, 'rec/s %.0f' % st.median(tp), 'cpu us/rec %.2f' % st.median(c), 'ratio %.3f ±%.3f' % (math.exp(st.mean([math.log(x) for x in rt])), se), 'cpu ratio %.3f ±%.3f' % (math.exp(st.mean([math.log(x) for x in rc])), sec), flush=True)

import subprocess,re
for n in names[:2]:
    m={}
    for l in subprocess.run(['jcmd',str(spec[n]['pid']),'Thread.print'],capture_output=True,text=True).stdout.splitlines():
        g=re.match(r'"([^"]+)".*nid=(0x[0-9a-f]+)',l)
        if g: m[str(int(g.group(2),16))]=g.group(1)
    print(n)
    for k,v in sorted(acc[n].items(), key=lambda x:-x[1])[:16]: print('   %.3f us/rec %s'%(v*1000/records/rounds, m.get(k,k)))
