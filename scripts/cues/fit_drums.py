import json,numpy as np
from scipy.optimize import minimize
X,Y,S=json.load(open('hits.json')); X=np.array(X); b,a=X[:,:10],X[:,10:]
g=np.maximum(a-b,0); tot=g.sum(1,keepdims=True)+1e-12
share=np.clip(np.log10(g/tot+1e-4),-4,0)
rise=np.clip(np.log10((a+1e-9)/(b+1e-9)),-1,4)
for name,F in (('share',share),('both',np.hstack([share,rise]))):
    tr=np.array([s[0]=='songs-old' for s in S]); 
    F1=np.hstack([F,np.ones((len(F),1))])
    W=[];P=[]
    for c in ('kick','snare','hat'):
        y=np.array([c in v for v in Y],float)
        def loss(w):
            z=F1[tr]@w; yy=y[tr]
            p=1/(1+np.exp(-z)); 
            return np.mean(np.logaddexp(0,z)-yy*z)+1e-3*np.sum(w[:-1]**2), F1[tr].T@(p-yy)/tr.sum()+2e-3*np.r_[w[:-1],0]
        w=minimize(loss,np.zeros(F1.shape[1]),jac=True,method='L-BFGS-B').x; W.append(w); P.append(1/(1+np.exp(-F1@w)))
        te=~tr; q=P[-1]>.5; tp=(q&(y>0))[te].sum(); print(name,c,'test P %.3f R %.3f'%(tp/q[te].sum(), tp/y[te].sum()))
    P=np.array(P).T
    def prim(P):
        r=[]
        for p in P:
            r.append('kick' if p[0]>.5 else 'snare' if p[1]>.5 else 'hat' if p[2]>.5 else 'other')
        return r
    pr=prim(P); te=np.where(~tr)[0]
    print('member', np.mean([pr[i] in Y[i] for i in te]), 'counts',{c:(sum(pr[i]==c for i in te), np.mean([c in Y[i] for i in te if pr[i]==c])) for c in ('kick','snare','hat','other')})
    if name=='share':
        for w in W: print('[',', '.join('%.2f'%v for v in w),']')
