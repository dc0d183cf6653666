#!/bin/sh
# Installs the Debian packages named as arguments, as root, without starting their services and
# without making a database cluster of the machine's own. Leaves nothing behind but the packages.
set -eu
export DEBIAN_FRONTEND=noninteractive

policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d/dongseon-install.conf
policy_is_ours=no

clean_up() {
    rm -f "$no_cluster"
    if [ "$policy_is_ours" = yes ]; then rm -f "$policy"; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM HUP

installed() {
    dpkg-query -W -f='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

# Two installers at once (two test workers) would trip over apt's own locks.
exec 9>/run/dongseon-packages.lock
flock 9

lacking=
for package in "$@"; do
    installed "$package" || lacking="$lacking $package"
done
if [ -z "$lacking" ]; then exit 0; fi

# Debian asks this policy before it starts a service. Ours says no only while this script lives,
# so that even one left behind by a power cut does nothing.
if [ ! -e "$policy" ]; then
    policy_is_ours=yes
    started=$(cut -d' ' -f22 "/proc/$$/stat")
    cat >"$policy" <<POLICY
#!/bin/sh
[ "\$(cut -d' ' -f22 /proc/$$/stat 2>/dev/null)" = "$started" ] && exit 101
exit 0
POLICY
    chmod 755 "$policy"
fi
mkdir -p "$(dirname "$no_cluster")"
echo 'create_main_cluster = false' >"$no_cluster"

echo "installing Debian packages:$lacking"
# 9>&- : nothing apt starts may keep the lock.
apt-get update -q 9>&-
# shellcheck disable=SC2086 # a list of package names, split on purpose
apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    $lacking 9>&-

# The policy holds until the next boot only; a broker that nobody asked for stays off after it too.
case "$lacking " in
*" mosquitto "*)
    if [ -d /run/systemd/system ]; then systemctl disable mosquitto; fi
    ;;
esac
