#!/bin/bash
# Makes the API hold what /etc/kubernetes/addons says, and tells Salt in its last line whether anything changed.
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf
said=''

# A master that was replaced finds the node of the one before it, by the same name. No controller may take the one for the other.
known=$(kubectl get node "$NODE" --ignore-not-found -o 'jsonpath={.spec.providerID}')
if [ -n "$known" ] && [ "$known" != "$PROVIDER_ID" ]; then
  kubectl delete node "$NODE" --wait=false
  systemctl restart kubelet
  said="node of $known removed"
fi

applied=$(kubectl apply -f /etc/kubernetes/addons)
said+=$(grep --invert-match ' unchanged$' <<< "$applied" || true)

# A kubelet may not call itself a control plane, so this is said for it.
until labelled=$(kubectl label node "$NODE" node-role.kubernetes.io/control-plane= --overwrite 2>&1); do
  ((SECONDS < 900)) || { echo "$labelled"; exit 1; }
  sleep 2
done
said+=$(grep --invert-match 'not labeled' <<< "$labelled" || true)

echo "$applied"
echo
if [ -n "$said" ]; then echo "changed=yes comment='applied'"; else echo "changed=no comment='all there'"; fi
