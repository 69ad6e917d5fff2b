/* The block's place in the editor; the server renders it. No build step. */
( function ( blocks, element, editor, components, ServerSideRender, i18n, settings ) {
	'use strict';
	var el = element.createElement;
	var __ = i18n.__;

	// What a block does not choose is as in the blog's settings; a field shows what holds.
	function field( props, name, label, more ) {
		var chosen = props.attributes[ name ];
		var value = chosen === undefined ? settings.usual[ name ] : chosen;
		return Object.assign( {
			label: label,
			value: value,
			checked: !! value,
			onChange: function ( wanted ) {
				props.setAttributes( { [ name ]: wanted } );
			},
		}, more );
	}

	function toggle( props, name, label ) {
		return el( components.ToggleControl, field( props, name, label ) );
	}

	function edit( props ) {
		var attributes = props.attributes;
		var controls = el(
			editor.InspectorControls,
			null,
			el(
				components.PanelBody,
				{ title: __( 'Settings', 'related-posts' ) },
				el( components.RangeControl, field( props, 'limit', __( 'Most posts', 'related-posts' ), { min: 1, max: 20 } ) ),
				el( components.TextControl, field( props, 'heading', __( 'Heading', 'related-posts' ), { help: __( 'Empty for none.', 'related-posts' ) } ) ),
				el( components.SelectControl, field( props, 'layout', __( 'Layout', 'related-posts' ), {
					options: Object.keys( settings.layouts ).map( function ( name ) {
						return { value: name, label: settings.layouts[ name ] };
					} ),
				} ) ),
				toggle( props, 'thumbnail', __( 'Pictures', 'related-posts' ) ),
				toggle( props, 'excerpt', __( 'Excerpts', 'related-posts' ) ),
				toggle( props, 'date', __( 'Dates', 'related-posts' ) ),
				toggle( props, 'author', __( 'Authors', 'related-posts' ) ),
				el( components.Button, {
					isSecondary: true,
					onClick: function () {
						var none = {};
						Object.keys( settings.usual ).forEach( function ( name ) {
							none[ name ] = undefined;
						} );
						props.setAttributes( none );
					},
				}, __( 'As in the blog’s settings', 'related-posts' ) )
			)
		);
		var shown = el( ServerSideRender, {
			block: 'related-posts/list',
			attributes: attributes,
			EmptyResponsePlaceholder: function () {
				return el( 'p', null, __( 'Nothing is related yet. The list appears once the service knows the post.', 'related-posts' ) );
			},
		} );
		return el( 'div', editor.useBlockProps(), controls, el( components.Disabled, null, shown ) );
	}

	blocks.registerBlockType( 'related-posts/list', {
		apiVersion: 2,
		title: __( 'Related posts', 'related-posts' ),
		icon: 'list-view',
		category: 'widgets',
		edit: edit,
		save: function () {
			return null;
		},
	} );
} )( window.wp.blocks, window.wp.element, window.wp.blockEditor, window.wp.components, window.wp.serverSideRender, window.wp.i18n, window.relatedPostsBlock );
