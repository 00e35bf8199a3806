# What observerd's cache action asks of Varnish (6.6 or newer), to be included by your own VCL:
#
#     vcl 4.1;
#     include "observerd.vcl";
#
# Needs the vmod xkey (Debian: varnish-modules). The backend says in the header `xkey` under which tags,
# divided by spaces, an object is kept.
vcl 4.1;
import std;
import xkey;

# Who may: the addresses of the hosts that observerd runs on.
acl observerd {
  "127.0.0.1";
  "::1";
}

sub vcl_recv {
  if (req.method == "PURGE" || req.method == "BAN" || req.method == "REFRESH") {
    if (client.ip !~ observerd) {
      return (synth(405, "Not allowed"));
    }
  }
  if (req.method == "PURGE" && req.http.xkey-purge) {
    return (synth(200, "Removed " + xkey.purge(req.http.xkey-purge)));
  }
  if (req.method == "PURGE" && req.http.xkey-softpurge) {
    return (synth(200, "Stale " + xkey.softpurge(req.http.xkey-softpurge)));
  }
  if (req.method == "PURGE") {
    return (purge);
  }
  if (req.method == "BAN") {
    if (req.http.X-Ban-Url && std.ban("obj.http.x-url ~ " + req.http.X-Ban-Url)) {
      return (synth(200, "Banned"));
    }
    return (synth(400, "Not banned: " + std.ban_error()));
  }
  # Fetched anew although it is there: visitors are served the old one until then.
  if (req.method == "REFRESH") {
    set req.method = "GET";
    set req.hash_always_miss = true;
  }
}

# A ban by what is kept with the object, so that Varnish's ban lurker can work on it.
sub vcl_backend_response {
  set beresp.http.x-url = bereq.url;
}

sub vcl_deliver {
  unset resp.http.x-url;
  unset resp.http.xkey;
}
