# LemonLDAP::NG's portal as a peer of tokenspec: the OpenID provider of a Web-SSO product, with its
# pages to log in and to consent. This file writes the configuration that an administrator would
# click together in its manager: the clients that tokenspec.toml names, and the product's own
# demonstration users. Its sessions lie in a temporary folder and are gone when it ends.

use strict;
use warnings;

use Crypt::OpenSSL::RSA;
use File::Temp 'tempdir';
use HTTP::Tiny;
use JSON;
use Plack::Runner;
use POSIX ();

my $host = '127.0.0.1';
my $port = $ENV{PORT};
die "PORT is $port: it has to be a number from 1 to 65535\n"
  unless $port =~ /^\d+$/ and $port > 0 and $port < 65536;
my $issuer = "http://$host:$port/";
my $root   = $ENV{LEMONLDAP_ROOT};

my $folder = tempdir( 'tokenspec-peer-lemonldap-ng-XXXXXX', TMPDIR => 1, CLEANUP => 1 );
mkdir "$folder/$_" or die "$folder/$_: $!\n"
  for qw(conf cache sessions locks persistent persistent-locks);

# The secrets are the ones in tokenspec.toml. They guard nothing: the server listens on the loopback
# interface and forgets everything when it ends.
my ( %options, %claims );
for my $name (qw(main other codes reserved public other-public)) {
    my $public = $name =~ /public/;
    # `codes` has one redirect URI, no client_credentials, and ID Tokens that its secret signs; the name
    # and the secret of `reserved` have what the form encoding of HTTP Basic changes.
    my $codes    = $name eq 'codes';
    my $reserved = $name eq 'reserved';
    $options{$name} = {
        oidcRPMetaDataOptionsClientID => $reserved ? 'tokenspec:reserved' : "tokenspec-$name",
        $public
        ? ( oidcRPMetaDataOptionsPublic => 1, oidcRPMetaDataOptionsRequirePKCE => 1 )
        : (
            oidcRPMetaDataOptionsClientSecret => $reserved
            ? 'reserved+secret%20that/guards:nothing&0123456789'
            : "$name-secret-that-guards-nothing-0123456789",
            oidcRPMetaDataOptionsAllowClientCredentialsGrant => $codes ? 0 : 1,
        ),
        oidcRPMetaDataOptionsRedirectUris =>
          "https://client.example/$name/callback" . ( $codes ? '' : " https://client.example/$name/other" ),
        oidcRPMetaDataOptionsRefreshToken  => 1,
        oidcRPMetaDataOptionsIDTokenSignAlg => $codes ? 'HS256' : 'RS256',
    };
    $claims{$name} = { name => 'cn', email => 'mail' };
}

my $key = Crypt::OpenSSL::RSA->generate_key(2048);

my $configuration = {
    cfgNum    => 1,
    cfgAuthor => 'tokenspec',
    cfgDate   => time,
    cfgVersion => '2.16.1',
    key       => join( '', map { sprintf '%02x', int rand 256 } 1 .. 32 ),
    portal    => $issuer,
    domain    => $host,
    # The product's users for a demonstration: dwho, rtyler and msmith, each with the name as password.
    authentication => 'Demo',
    userDB         => 'Same',
    passwordDB     => 'Demo',
    registerDB     => 'Null',
    demoExportedVars => { cn => 'cn', mail => 'mail', uid => 'uid' },
    whatToTrace      => '_whatToTrace',
    macros           => { _whatToTrace => '$_auth eq \'SAML\' ? lc($_user.\'@\'.$_idpConfKey) : lc($_user)' },
    securedCookie    => 0,
    # No form has a captcha; this is the empty plugin in place of one that wants ImageMagick.
    captcha                  => '::Main::Plugin',
    captcha_mail_enabled     => 0,
    captcha_register_enabled => 0,
    locationRules    => {},
    exportedHeaders  => {},
    issuerDBOpenIDConnectActivation => 1,
    oidcServiceAllowAuthorizationCodeFlow => 1,
    oidcServicePrivateKeySig => $key->get_private_key_string,
    oidcServicePublicKeySig  => $key->get_public_key_x509_string,
    oidcServiceKeyIdSig      => 'peer',
    oidcRPMetaDataOptions      => \%options,
    oidcRPMetaDataExportedVars => \%claims,
    globalStorage        => 'Apache::Session::File',
    globalStorageOptions => {
        Directory     => "$folder/sessions",
        LockDirectory => "$folder/locks",
        generateModule => 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    },
    persistentStorage        => 'Apache::Session::File',
    persistentStorageOptions => {
        Directory     => "$folder/persistent",
        LockDirectory => "$folder/persistent-locks",
    },
    localSessionStorage        => 'Cache::FileCache',
    localSessionStorageOptions => {
        namespace          => 'sessions',
        default_expires_in => 600,
        directory_umask    => '007',
        cache_root         => "$folder/cache",
        cache_depth        => 3,
    },
};

sub file {
    my ( $path, $text ) = @_;
    open my $out, '>', $path or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
}
file( "$folder/conf/lmConf-1.json", JSON->new->encode($configuration) );
file( "$folder/lemonldap-ng.ini", <<"INI" );
[all]
logLevel = warn

[configuration]
type = File
dirName = $folder/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'configuration', 'default_expires_in' => 600, 'directory_umask' => '007', 'cache_root' => '$folder/cache', 'cache_depth' => 3 }

[portal]
staticPrefix = /static
templateDir = $root/usr/share/lemonldap-ng/portal/templates
languages = en
INI
$ENV{LLNG_DEFAULTCONFFILE} = "$folder/lemonldap-ng.ini";

require Lemonldap::NG::Portal::Main;

my $portal = Lemonldap::NG::Portal::Main->run( {} );

# Says so when the server, which Starman starts below, answers; ends it where it only says that it
# could not read its configuration.
defined( my $watcher = fork ) or die "fork: $!\n";
if ( !$watcher ) {
    my $server = getppid;
    my $answer;
    do {
        POSIX::_exit(1) if getppid != $server;
        select undef, undef, undef, 0.1;
        $answer = HTTP::Tiny->new->get("$issuer.well-known/openid-configuration");
    } while $answer->{status} == 599;
    $| = 1;
    if ( $answer->{success} ) {
        print "ready http://$host:$port\n";
    }
    else {
        print STDERR "the portal answers its metadata with $answer->{status}\n";
        kill TERM => $server;
    }
    POSIX::_exit(0);
}

my $runner = Plack::Runner->new( server => 'Starman', env => 'deployment', version_cb => sub { } );
$runner->parse_options( '--listen', "$host:$port", '--workers', 4 );
$runner->run($portal);
