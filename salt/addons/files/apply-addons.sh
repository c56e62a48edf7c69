#!/bin/bash
# Makes the API hold what /etc/kubernetes/addons says, and tells Salt in its last line whether anything changed.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf
said=''

# A master that was replaced finds the node of the one before it, by the same name. No controller may take the one for the
# other; and what the lost one ran is made anew, for the kubelet would refuse it on a node that is not labelled yet.
known=$(kubectl get node "$NODE" --ignore-not-found -o 'jsonpath={.spec.providerID}')
if [ -n "$known" ] && [ "$known" != "$PROVIDER_ID" ]; then
  kubectl delete node "$NODE" --wait=false
  kubectl delete pods --all-namespaces --field-selector "spec.nodeName=$NODE" --force --wait=false
  systemctl restart kubelet
  said="node of $known removed"
fi

applied=$(kubectl apply -f /etc/kubernetes/addons)
said+=$(grep --invert-match ' unchanged$' <<< "$applied" || true)

# A kubelet may not call itself a control plane, so this is said for it, once it has told of its node. One kubectl waits, for
# each that starts costs an emulated master seconds.
kubectl wait --for=create "node/$NODE" --timeout=900s > /dev/null
labelled=$(kubectl label node "$NODE" node-role.kubernetes.io/control-plane= --overwrite)
said+=$(grep --invert-match 'not labeled' <<< "$labelled" || true)

echo "$applied"
echo
if [ -n "$said" ]; then echo "changed=yes comment='applied'"; else echo "changed=no comment='all there'"; fi
