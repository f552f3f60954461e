# Builds CPython from Debian's source package, once for each prefix, into /out<prefix>.tar. Runs in a Debian container as root.
set -eu
cd /root
sed -n 's/^deb /deb-src /p' /etc/apt/sources.list > /etc/apt/sources.list.d/source.list
echo 'APT::Sandbox::User "root";' > /etc/apt/apt.conf.d/sandbox
apt-get update -qq
apt-get source -qq --download-only python3.13
tar xf python3.13_*.orig.tar.xz
cd [Pp]ython-3*/

for prefix in "$@"; do
  # -O1 and no profile: what counts is how it is laid out, not how fast it runs.
  ./configure -q --prefix="$prefix" --with-ensurepip --disable-test-modules CFLAGS=-O1
  make -s -j2 > /dev/null
  root=/out/root$prefix
  make -s install DESTDIR="$root" > /dev/null
  find "$root" -depth -name __pycache__ -exec rm -r {} +
  rm "$root$prefix"/lib/libpython3*.a "$root$prefix"/lib/python3*/config-*/libpython3*.a
  find "$root" -type f \( -name '*.so' -o -name 'python3.13' \) -exec strip {} +
  ln -s python3 "$root$prefix/bin/python"
  tar -C "$root" --owner=0 --group=0 --sort=name -cf "/out/$(echo "$prefix" | tr -d /).tar" ".$prefix"
  rm -r "$root"
done
